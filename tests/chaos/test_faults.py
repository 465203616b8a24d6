"""Each fault is to the SDK what it is on AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    IncompleteReadError,
    ResponseStreamingError,
)

from chaos.call import Call
from chaos.cloud import Cloud
from chaos.fault import Fault
from chaos.network import Network
from chaos.process import GoneError
from tests.chaos.conftest import Connect

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AT: Any = {"Bucket": "results", "Key": "a"}
Strike = Callable[..., None]


class Once:
    """A plan: one fault, at the first attempt at one operation."""

    def __init__(self, fault: Fault, operation: str) -> None:
        self._fault: Fault | None = fault
        self._operation = operation

    def strike(self, call: Call) -> Fault | None:
        if call.operation != self._operation:
            return None
        fault, self._fault = self._fault, None
        return fault


@pytest.fixture
def strike(network: Network) -> Strike:
    def plan(fault: Fault, operation: str) -> None:
        network.plan = Once(fault, operation)

    return plan


def test_a_lost_reply_makes_the_sdk_meet_its_own_write(s3: S3Client, strike: Strike) -> None:
    strike(Fault.REPLY_LOST, "PutObject")

    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**AT, Body=b"mine", IfNoneMatch="*")

    assert s3.get_object(**AT)["Body"].read() == b"mine"


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.THROTTLED])
def test_what_passes_is_tried_again(s3: S3Client, strike: Strike, fault: Fault) -> None:
    strike(fault, "PutObject")

    answer = s3.put_object(**AT, Body=b"abc")

    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.parametrize(
    ("fault", "error", "versions"),
    [
        (Fault.REFUSED_FOR_GOOD, EndpointConnectionError, 0),
        (Fault.THROTTLED_FOR_GOOD, ClientError, 0),
        (Fault.REPLY_LOST_FOR_GOOD, ConnectionClosedError, 5),
    ],
)
def test_what_lasts_fails_the_call_after_five_attempts(
    s3: S3Client, strike: Strike, fault: Fault, error: type[Exception], versions: int
) -> None:
    strike(fault, "PutObject")

    with pytest.raises(error):
        s3.put_object(**AT, Body=b"abc")

    assert len(s3.list_object_versions(Bucket="results").get("Versions", [])) == versions


@pytest.mark.parametrize(("fault", "versions"), [(Fault.CRASH_BEFORE, 0), (Fault.CRASH_AFTER, 1)])
def test_nothing_catches_a_crash(
    s3: S3Client, strike: Strike, cloud: Cloud, fault: Fault, versions: int
) -> None:
    strike(fault, "PutObject")

    with pytest.raises(GoneError):
        s3.put_object(**AT, Body=b"abc")

    assert len([*cloud.results.versions()]) == versions


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.TRUNCATED, IncompleteReadError), (Fault.RESET, ResponseStreamingError)],
)
def test_a_body_that_breaks_off_is_noticed(
    s3: S3Client, strike: Strike, fault: Fault, error: type[Exception]
) -> None:
    s3.put_object(**AT, Body=b"abc" * 99)
    strike(fault, "GetObject")

    with pytest.raises(error):
        list(s3.get_object(**AT)["Body"].iter_chunks(50))


def test_an_error_after_200_is_tried_again(s3: S3Client, strike: Strike) -> None:
    begun = AT | {"UploadId": s3.create_multipart_upload(**AT)["UploadId"]}
    tag = s3.upload_part(**begun, PartNumber=1, Body=b"abc")["ETag"]
    strike(Fault.ERROR_IN_200, "CompleteMultipartUpload")

    s3.complete_multipart_upload(
        **begun, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
    )

    assert s3.get_object(**AT)["Body"].read() == b"abc"


def test_one_message_of_a_batch_fails(connect: Connect, strike: Strike, cloud: Cloud) -> None:
    strike(Fault.ENTRY_FAILED, "SendMessageBatch")
    entries = [{"Id": str(number), "MessageBody": "body"} for number in range(3)]

    answer = connect("sqs").send_message_batch(
        QueueUrl="http://127.0.0.1:1/123456789012/example", Entries=entries
    )

    assert (len(answer["Successful"]), len(answer["Failed"])) == (2, 1)
    assert len(cloud.queue.visible()) == 2


def test_one_event_of_several_fails(connect: Connect, strike: Strike, cloud: Cloud) -> None:
    strike(Fault.ENTRY_FAILED, "PutEvents")
    entry = {"Source": "us", "DetailType": "done", "Detail": '{"job":"1"}'}

    answer = connect("events").put_events(Entries=[entry, entry])

    assert answer["FailedEntryCount"] == 1
    assert cloud.bus.details == [{"job": "1"}]


def test_one_object_of_several_stays(s3: S3Client, strike: Strike) -> None:
    versions = [s3.put_object(**AT, Body=body)["VersionId"] for body in (b"1", b"2")]
    strike(Fault.ENTRY_FAILED, "DeleteObjects")

    answer = s3.delete_objects(
        Bucket="results",
        Delete={"Objects": [{"Key": "a", "VersionId": v} for v in versions], "Quiet": True},
    )

    assert [error["Key"] for error in answer["Errors"]] == ["a"]
    assert len(s3.list_object_versions(Bucket="results")["Versions"]) == 1
