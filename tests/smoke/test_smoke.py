"""The smoke test of a whole stage, whose API demands signatures or tokens."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.assembly import ROOT
from local.cloud import Cloud
from smoke.__main__ import main
from smoke.answer import Answer
from smoke.batch import to_object
from smoke.errors import SmokeError
from tests.smoke.conftest import KEYS, REGION, TOKEN

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Patch = pytest.MonkeyPatch

HOUSING = ROOT / "models" / "housing"


@pytest.fixture(autouse=True)
def environment(cloud: Cloud, monkeypatch: Patch) -> None:
    variables = {
        "AWS_ENDPOINT_URL": cloud.data_plane.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": KEYS.access_key,
        "AWS_SECRET_ACCESS_KEY": KEYS.secret_key,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("smoke.api.READY_WITHIN_S", 0)


@pytest.fixture
def housing(tmp_path: Path) -> Path:
    """A checkout whose only model is housing."""
    shutil.copytree(HOUSING, tmp_path / "models" / "housing")
    return tmp_path / "models"


def left(s3: S3Client) -> set[str]:
    """In both buckets, versions and all."""
    return {
        version["Key"]
        for bucket in ("inbox", "results")
        for version in s3.list_object_versions(Bucket=bucket).get("Versions", [])
    }


def without_times(text: str) -> list[str]:
    return [re.sub(r", \d+\.\d s$", "", line) for line in text.splitlines()]


def test_every_model_is_asked_through_both_doors_and_nothing_is_left(
    door: str, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--api-url", door])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "7 of 7 checks passed\n")
    assert without_times(said.out) == [
        f"{door}: ready",
        "digits 1, online: 10 golden rows predicted",
        "housing 1, online: 5 golden rows predicted",
        "sentiment 1, online: 9 golden rows predicted",
        "digits 1, batch: 10 golden rows of a file scored; the file and its result removed",
        "housing 1, batch: 5 golden rows of a file scored; the file and its result removed",
        "sentiment 1, batch: 9 golden rows of a file scored; the file and its result removed",
    ]
    assert left(cloud.data_plane.s3()) == set()


def test_keys_that_may_not_call_are_said_to_be_such(
    door: str, housing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")

    code = main(["--api-url", door, "--models-dir", str(housing)])

    refused = "expected 200, got 403: use a role that may call it (execute-api:Invoke)"
    said = capsys.readouterr()
    assert (code, said.err) == (1, "0 of 3 checks passed\n")
    assert said.out.splitlines() == [
        f"{door}: GET /v2/health/ready: {refused}",
        f"housing 1, online: GET /v2/models/housing/ready: {refused}",
        f"housing 1, batch: GET /models/housing: {refused}",
    ]


def test_a_token_takes_the_place_of_a_signature(
    door: str, housing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another secret")
    monkeypatch.setenv("TOKEN", TOKEN)

    code = main(["--api-url", door, "--models-dir", str(housing)])

    assert (code, capsys.readouterr().err) == (0, "3 of 3 checks passed\n")


@pytest.mark.parametrize(
    ("option", "token", "named"),
    [("foo", "", "--api-url: "), ("http://127.0.0.1:1", "SECRET of\nmine", "TOKEN: ")],
)
def test_what_nobody_can_be_asked_with_is_refused_before_anything_is_asked(
    option: str, token: str, named: str, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setenv("TOKEN", token)

    code = main(["--api-url", option])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith(f"{named}expected ")
    assert "SECRET" not in said.err


def test_no_token_leaves_requests_signed(
    door: str, housing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setenv("TOKEN", "\n")

    code = main(["--api-url", door, "--models-dir", str(housing)])

    assert (code, capsys.readouterr().err) == (0, "3 of 3 checks passed\n")


def test_who_answers_something_else_costs_no_check_behind_it(
    housing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setattr("smoke.api.Api.get", lambda _, path: Answer(path, b"<html>", None))

    code = main(["--api-url", "http://127.0.0.1:1", "--models-dir", str(housing)])

    said = capsys.readouterr()
    assert (code, said.err) == (1, "1 of 3 checks passed\n")
    assert without_times(said.out) == [
        "http://127.0.0.1:1: ready",
        "housing 1, online: /models/housing: expected JSON, got b'<html>'",
        "housing 1, batch: /models/housing: expected JSON, got b'<html>'",
    ]


def test_a_model_without_golden_rows_is_said_to_be_unchecked(
    cloud: Cloud, housing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (housing / "housing" / "1" / "golden.json").unlink()

    main(["--api-url", cloud.api_url, "--models-dir", str(housing)])

    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == (
        "housing 1, batch: not checked; it has no golden rows to make a file of"
    )
    assert said.err.endswith(" of 2 checks passed\n")


def test_a_manifest_of_another_kind_is_a_finding(
    door: str, housing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Patch
) -> None:
    monkeypatch.setattr("functions.score.s3_results.Manifest.from_json", lambda _: {}["job"])

    code = main(["--api-url", door, "--models-dir", str(housing)])

    batch = capsys.readouterr().out.splitlines()[-1]
    assert code == 1
    assert batch.endswith(".manifest.json: expected a manifest, got another document")


def test_other_features_than_the_golden_rows_have_are_a_finding() -> None:
    with pytest.raises(SmokeError, match=r"^expected 2 features, got \['rooms'\]$"):
        to_object([3, 4], ["rooms"])


def test_what_is_not_of_this_checkout_is_found_in_both_doors_and_left_to_look_at(
    cloud: Cloud, housing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = housing / "housing" / "model.toml"
    card.write_text(card.read_text().replace("threads = 1", "threads = 2"))

    code = main(["--api-url", cloud.api_url, "--models-dir", str(housing)])

    _, online, batch = capsys.readouterr().out.splitlines()
    assert code == 1
    for sentence in (online, batch):
        assert "expected version 1 under the digest " in sentence
        assert sentence.endswith("; deploy this checkout, or check out what is deployed")
    assert {key.split("/")[1] for key in left(cloud.data_plane.s3())} == {"smoke"}


def test_a_file_that_is_not_scored_in_time_is_a_finding(
    cloud: Cloud, housing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--api-url", cloud.api_url, "--models-dir", str(housing), "--within-s", "0"])

    batch = capsys.readouterr().out.splitlines()[-1]
    assert code == 1
    assert re.fullmatch(
        r"housing 1, batch: s3://results/housing/smoke/\w{32}\.jsonl\.manifest\.json: expected it "
        r"within 0 s, found nothing; the score function's log and the dead letters say why",
        batch,
    )


def test_without_an_api_there_is_no_answer(
    housing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--api-url", "http://127.0.0.1:1", "--models-dir", str(housing)])

    first = capsys.readouterr().out.splitlines()[0]
    assert code == 1
    assert first.startswith(
        "http://127.0.0.1:1: GET /v2/health/ready: expected an answer, got none: "
    )
