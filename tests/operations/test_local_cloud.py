"""The commands on the local cloud, whose score function makes what they read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from delivery.task import Announcement
from local.assembly import ROOT
from local.cloud import Cloud
from local.port import Port
from operations import held_messages
from operations.__main__ import main
from operations.inbox import files_in

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "housing/rows.csv"
MANIFEST = f"{KEY}.manifest.json"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    free = Port(0, "PORT")
    with Cloud(ROOT / "models", api_port=free, aws_port=free) as cloud:
        yield cloud


@pytest.fixture(autouse=True)
def environment(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/batch.md exports it."""
    variables = {
        "AWS_ENDPOINT_URL": cloud.data_plane.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(held_messages, "POLL_S", 0)


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> S3Client:
    """With one file, which is scored."""
    s3 = cloud.data_plane.s3()
    [model] = [model for model in cloud.models if model.name == "housing"]
    rows = [row for row, _ in model.golden_rows()]
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    s3.put_object(Bucket="inbox", Key=KEY, Body="\n".join(lines).encode())
    wait_for_manifest(s3)
    return s3


def wait_for_manifest(s3: S3Client) -> None:
    s3.get_waiter("object_exists").wait(
        Bucket="results", Key=MANIFEST, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def forget(s3: S3Client) -> None:
    """Remove the manifest: the file is as if it had never been scored."""
    for version in s3.list_object_versions(Bucket="results", Prefix=MANIFEST)["Versions"]:
        s3.delete_object(Bucket="results", Key=MANIFEST, VersionId=version["VersionId"])


def verdict(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - JSON
    capsys.readouterr()
    main(["verify", KEY, "--json"])
    return json.loads(capsys.readouterr().out)


def test_what_was_scored_is_verified(s3: S3Client, capsys: pytest.CaptureFixture[str]) -> None:
    s3.head_object(Bucket="results", Key=KEY)

    assert verdict(capsys)["status"] == "verified"


def test_what_is_submitted_is_scored(s3: S3Client, capsys: pytest.CaptureFixture[str]) -> None:
    forget(s3)
    before = verdict(capsys)["status"]

    code = main(["submit", KEY, "--send"])

    wait_for_manifest(s3)
    assert (before, code, verdict(capsys)["status"]) == ("unscored", 0, "verified")


def test_what_is_replayed_is_scored(
    cloud: Cloud, s3: S3Client, capsys: pytest.CaptureFixture[str]
) -> None:
    forget(s3)
    [file] = files_in(s3, "inbox", KEY)
    sqs = cloud.data_plane.sqs()
    [url] = sqs.list_queues(QueueNamePrefix="housing-deadletters")["QueueUrls"]
    sqs.send_message(QueueUrl=url, MessageBody=Announcement(file.source).to_json())

    code = main(["dead-letters", "housing", "--replay"])

    wait_for_manifest(s3)
    assert (code, verdict(capsys)["status"]) == (0, "verified")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
