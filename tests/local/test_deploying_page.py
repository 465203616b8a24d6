"""docs/deploying.md: what it has people type to call an API, and to empty a bucket, does so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from threading import Thread

import pytest

from local.data_plane import DataPlane
from tests.local.signed_api import CREDENTIALS, SignedApi

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploying.md").read_text()
ROWS = {"instances": [[6000, 3, 2, 4, "yes", "no", "no", "no", "yes", 0, "no"]]}


def example(language: str, holding: str) -> str:
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    [block] = [block for block in blocks if holding in block]
    return dedent(block)


@pytest.fixture
def api() -> Iterator[SignedApi]:
    with SignedApi() as api:
        thread = Thread(target=api.serve_forever)
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def test_the_python_that_is_shown_signs_as_iam_wants_it(api: SignedApi) -> None:
    printed = typed([sys.executable, "-c", example("python", "SigV4Auth")], api, **CREDENTIALS)

    assert json.loads(printed) == {"asked": "/models/housing/predict", "with": ROWS}


@pytest.mark.parametrize("token", [{}, {"AWS_SESSION_TOKEN": "of a role"}])
def test_the_curl_that_is_shown_signs_as_iam_wants_it(
    api: SignedApi, token: dict[str, str]
) -> None:
    keys = {name: CREDENTIALS[name] for name in CREDENTIALS if name != "AWS_SESSION_TOKEN"}

    printed = typed(["bash", "-ec", example("sh", "--aws-sigv4")], api, **keys, **token)

    assert json.loads(printed) == {"asked": "/models/housing/predict", "with": ROWS}


def test_who_signs_with_another_key_is_refused(api: SignedApi) -> None:
    stranger = {**CREDENTIALS, "AWS_SECRET_ACCESS_KEY": "guessed"}

    printed = typed(["bash", "-ec", example("sh", "--aws-sigv4")], api, **stranger)

    assert json.loads(printed) == {"message": "Forbidden"}


def typed(command: list[str], api: SignedApi, **variables: str) -> str:
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "API_URL": api.url, **variables},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    return done.stdout


def test_a_bucket_is_emptied_of_all_versions_and_removed(
    data_plane: DataPlane, unique: str
) -> None:
    s3 = data_plane.s3()
    bucket = f"inbox-{unique}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key="housing/rows.csv", Body=body)
    s3.delete_object(Bucket=bucket, Key="housing/rows.csv")

    subprocess.run(
        [sys.executable, "-c", example("python", "object_versions"), bucket],
        env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": data_plane.endpoint},
        check=True,
        timeout=60,
    )

    assert bucket not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
