"""A stage in this process: moto's S3 and SQS, as the data stack connects them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from delivery.job import Source, job_id
from delivery.manifest import SUFFIX, Manifest, ModelIdentity, Output, Timings
from formats.row_file import RowCounts
from operations.__main__ import main
from operations.held_messages import HeldMessages
from operations.site import Site

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

ACCOUNT_ARN = "arn:aws:sqs:us-east-1:123456789012"
MODELS = ["housing", "churn"]
DIGEST = "d" * 64


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account in this process, and its keys."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    variables = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in {**variables, "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("operations.held_messages.POLL_S", 0)
    with mock_aws():
        yield


@pytest.fixture
def site(account: None) -> Site:  # noqa: ARG001 - the stage is in it
    """The buckets `inbox` and `results`, and each model's queues."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    for bucket in ("inbox", "results"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for model in MODELS:
        dead_letters = f"{ACCOUNT_ARN}:{model}-dead-letters"
        redrive = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": 5}
        sqs.create_queue(QueueName=f"{model}-dead-letters")
        sqs.create_queue(
            QueueName=f"{model}-queue",
            Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "1800"},
        )
    s3.put_bucket_notification_configuration(
        Bucket="inbox",
        NotificationConfiguration={
            "QueueConfigurations": [_notification(model) for model in MODELS]
        },
    )
    for model in MODELS:
        sqs.purge_queue(QueueUrl=url_of(f"{model}-queue"))  # of S3's test event
    return Site(s3, sqs, "inbox", "results")


def _notification(model: str) -> Any:  # noqa: ANN401 - boto3's own type
    # The suffix keeps moto from announcing what tests put there.
    rules = [{"Name": "prefix", "Value": f"{model}/"}, {"Name": "suffix", "Value": ".announced"}]
    return {
        "QueueArn": f"{ACCOUNT_ARN}:{model}-queue",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }


def url_of(queue: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/123456789012/{queue}"


class Stage:
    """What a test does with a stage, and what it finds there."""

    def __init__(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        self.site = site
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """A command's code, its standard output and its standard error."""
        where = ["--inbox", "inbox", "--results", "results"]
        code = main([*arguments, *where])
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def upload(self, key: str, body: bytes = b"", *, bucket: str = "inbox") -> Source:
        """An object that nobody is told about."""
        answer = self.site.s3.put_object(Bucket=bucket, Key=key, Body=body)
        return Source(bucket, key, answer.get("VersionId"), answer["ETag"].strip('"'))

    def put_output(self, key: str, body: bytes) -> Output:
        answer = self.site.s3.put_object(Bucket="results", Key=key, Body=body)
        sha256 = hashlib.sha256(body).hexdigest()
        return Output("results", key, answer["VersionId"], len(body), sha256)

    def put_manifest(
        self,
        source: Source,
        *,
        output: Output | None = None,
        rows: int = 0,
        digest: str = DIGEST,
        started: str = "2026-01-01T00:00:00.000+00:00",
    ) -> Manifest:
        """A succeeded one where there is an output."""
        manifest = Manifest(
            job=job_id(source, digest),
            status="failed" if output is None else "succeeded",
            source=source,
            model=ModelIdentity("housing", 1, digest),
            rows=RowCounts(rows, rows, 0),
            errors=(),
            reason="expected a header, got none" if output is None else None,
            output=output,
            timings=Timings(started, started),
        )
        self.site.s3.put_object(Bucket="results", Key=source.key + SUFFIX, Body=manifest.to_json())
        return manifest

    def score(self, key: str, scored: bytes = b"a,error\n1,\n", *, rows: int = 1) -> Manifest:
        """Upload a file, with its result."""
        return self.put_manifest(self.upload(key), output=self.put_output(key, scored), rows=rows)

    def send(self, queue: str, body: str) -> str:
        """The message's id."""
        return self.site.sqs.send_message(QueueUrl=url_of(queue), MessageBody=body)["MessageId"]

    def messages(self, queue: str) -> list[MessageTypeDef]:
        """Those that are visible; they stay so."""
        with HeldMessages(self.site.sqs, url_of(queue)) as held:
            return held.receive()

    def bodies(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(message["Body"]) for message in self.messages(queue)]


@pytest.fixture
def stage(site: Site, capsys: pytest.CaptureFixture[str]) -> Stage:
    return Stage(site, capsys)


class Refuse(Protocol):
    def __call__(self, operation: str, *, place: int) -> None: ...


@pytest.fixture
def refuse(site: Site) -> Refuse:
    """Makes the site's SQS refuse the entry at a place of a batch call, by the sender's fault, and
    keep silent on the others: nothing reaches a queue any more."""

    def register(operation: str, *, place: int) -> None:
        error = {"Id": str(place), "SenderFault": True, "Code": "Code", "Message": "the message"}
        answer = {"Successful": [], "Failed": [error]}

        # The HTTP response, and what was parsed of it.
        def refused(**_: object) -> Any:  # noqa: ANN401 - as botocore calls it
            return AWSResponse("", 200, HTTPHeaders(), None), answer

        site.sqs.meta.events.register(f"before-call.sqs.{operation}", refused)

    return register
