"""Where moto is not AWS: what it does today, and what of ours relies on it or works around it.

A release of moto that closes a gap turns its test red: then the work-around named here can go, or
what was tested elsewhere can be tested with moto. What AWS does is from its documentation, and for
conditional writes from answers that were recorded on S3 itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

REGION = "us-east-1"
KEY = "example/a file.csv"
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


@pytest.fixture
def s3() -> S3Client:
    """With a versioned bucket `inbox`."""
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket="inbox")
    client.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def sqs() -> SQSClient:
    return boto3.client("sqs", region_name=REGION)


@pytest.fixture
def queue(sqs: SQSClient) -> str:
    return sqs.create_queue(QueueName="queue")["QueueUrl"]


Announced = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def announced(s3: S3Client, sqs: SQSClient, queue: str) -> Announced:
    """What the inbox announced since."""
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    s3.put_bucket_notification_configuration(
        Bucket="inbox",
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": arn["Attributes"]["QueueArn"], "Events": events}  # type: ignore[list-item]
            ]
        },
    )
    sqs.purge_queue(QueueUrl=queue)

    def announced() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [record for m in messages for record in json.loads(m["Body"])["Records"]]

    return announced


def put(s3: S3Client, body: bytes = b"1", **conditions: Any) -> Any:  # noqa: ANN401 - boto3's own
    return s3.put_object(Bucket="inbox", Key=KEY, Body=body, **conditions)


def uploaded(s3: S3Client) -> str:
    """The id of an upload of one part, to be completed."""
    upload = s3.create_multipart_upload(Bucket="inbox", Key=KEY)["UploadId"]
    s3.upload_part(Bucket="inbox", Key=KEY, UploadId=upload, PartNumber=1, Body=b"part")
    return upload


def complete(s3: S3Client, upload: str, **conditions: Any) -> Any:  # noqa: ANN401 - boto3's own
    etag = s3.list_parts(Bucket="inbox", Key=KEY, UploadId=upload)["Parts"][0]["ETag"]
    parts: Any = {"Parts": [{"ETag": etag, "PartNumber": 1}]}
    return s3.complete_multipart_upload(
        Bucket="inbox", Key=KEY, UploadId=upload, MultipartUpload=parts, **conditions
    )


def code_of(error: pytest.ExceptionInfo[ClientError]) -> object:
    return error.value.response["Error"].get("Code")


# Notifications: work_of takes S3's own and moto's; a version that is not told is the current one.


def test_a_notification_tells_no_version_and_no_order(s3: S3Client, announced: Announced) -> None:
    put(s3)

    [record] = announced()
    assert {"versionId", "sequencer"} & record["s3"]["object"].keys() == set()
    assert {"userIdentity", "responseElements"} & record.keys() == set()


def test_a_notification_encodes_the_slashes_of_a_key(s3: S3Client, announced: Announced) -> None:
    put(s3)

    [record] = announced()
    assert record["s3"]["object"]["key"] == "example%2Fa+file.csv"
    assert unquote_plus(record["s3"]["object"]["key"]) == KEY


def test_a_multipart_upload_is_announced_twice(s3: S3Client, announced: Announced) -> None:
    complete(s3, uploaded(s3))

    assert [record["eventName"] for record in announced()] == [
        "ObjectCreated:Put",
        "ObjectCreated:CompleteMultipartUpload",
    ]


def test_a_deletion_in_a_versioned_bucket_is_not_announced(
    s3: S3Client, announced: Announced
) -> None:
    put(s3)
    announced()

    s3.delete_object(Bucket="inbox", Key=KEY)

    assert announced() == []


def test_what_announces_to_no_queue_is_accepted(s3: S3Client) -> None:
    nowhere = f"arn:aws:sqs:{REGION}:123456789012:nowhere"

    s3.put_bucket_notification_configuration(
        Bucket="inbox",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": nowhere, "Events": ["s3:ObjectCreated:*"]}]
        },
    )

    assert put(s3)["VersionId"]


# Conditional writes: manifests and parts rely on those of PutObject, which moto has; what else
# there is of them is tested against chaos.s3_double.


def test_a_put_that_must_find_nothing_is_refused_where_something_is(s3: S3Client) -> None:
    put(s3)

    with pytest.raises(ClientError) as refused:
        put(s3, IfNoneMatch="*")

    assert code_of(refused) == "PreconditionFailed"


def test_a_put_that_must_replace_one_object_is_refused_where_another_is(s3: S3Client) -> None:
    etag = put(s3)["ETag"]
    put(s3, b"2")

    with pytest.raises(ClientError) as refused:
        put(s3, b"3", IfMatch=etag)

    assert code_of(refused) == "PreconditionFailed"


def test_a_put_that_must_find_no_such_bytes_overwrites_them(s3: S3Client) -> None:
    """S3 answers 501: there is no such condition."""
    etag = put(s3)["ETag"]

    assert put(s3, b"2", IfNoneMatch=etag)["VersionId"]


def test_a_completion_that_must_find_nothing_ignores_a_deletion_meanwhile(s3: S3Client) -> None:
    """S3 answers 409, and the upload must begin again."""
    put(s3)
    upload = uploaded(s3)
    s3.delete_object(Bucket="inbox", Key=KEY)

    assert complete(s3, upload, IfNoneMatch="*")["VersionId"]


def test_a_completion_ignores_what_it_must_replace(s3: S3Client) -> None:
    """S3 answers 412."""
    etag = put(s3)["ETag"]
    upload = uploaded(s3)
    put(s3, b"2")

    assert complete(s3, upload, IfMatch=etag)["VersionId"]


def test_a_copy_that_must_find_nothing_overwrites(s3: S3Client) -> None:
    """S3 answers 412."""
    put(s3)
    s3.put_object(Bucket="inbox", Key="other", Body=b"2")
    source: Any = {"Bucket": "inbox", "Key": "other"}

    copied = s3.copy_object(Bucket="inbox", Key=KEY, CopySource=source, IfNoneMatch="*")

    assert copied["VersionId"]


# Other promises of S3 that moto does not hold us to.


def test_a_denial_holds_whatever_its_condition_says(s3: S3Client) -> None:
    """So local.identities leaves bucket policies out."""
    without_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::inbox", "arn:aws:s3:::inbox/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [without_tls]}
    s3.put_bucket_policy(Bucket="inbox", Policy=json.dumps(policy))

    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="inbox", Key=KEY)

    assert code_of(refused) == "403"


def test_a_wrong_checksum_is_accepted(s3: S3Client) -> None:
    assert put(s3, ChecksumSHA256="A" * 43 + "=")["VersionId"]


def test_a_key_that_is_too_long_is_accepted(s3: S3Client) -> None:
    assert s3.put_object(Bucket="inbox", Key="k" * 1025, Body=b"")["VersionId"]


# SQS: the local cloud and operations keep to what SQS promises, which is less, or more.


def test_a_receipt_whose_visibility_is_over_still_deletes(sqs: SQSClient, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="1")
    first = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"][0]
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)

    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])

    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_standard_queue_keeps_its_order(sqs: SQSClient, queue: str) -> None:
    """chaos.message_queue has messages come in any, and more than once."""
    for number in range(20):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))

    bodies = [
        message["Body"]
        for _ in range(2)
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    ]

    assert bodies == [str(number) for number in range(20)]


def test_a_visibility_beyond_twelve_hours_is_accepted_of_a_queue(sqs: SQSClient) -> None:
    created = sqs.create_queue(QueueName="patient", Attributes={"VisibilityTimeout": "99999"})

    assert created["QueueUrl"]


def test_dead_letters_cannot_be_sent_back_at_once(sqs: SQSClient) -> None:
    """operations.dead_letters sends them one by one, which also leaves out what is settled."""
    arn = f"arn:aws:sqs:{REGION}:123456789012:dead-letters"

    with pytest.raises(NotImplementedError):
        sqs.start_message_move_task(SourceArn=arn)


# CloudFormation and Lambda: the local cloud reads the template itself and runs functions itself.


@pytest.mark.filterwarnings("ignore:Tried to parse")
def test_a_stack_is_complete_without_half_of_what_it_declares(s3: S3Client) -> None:
    template = {
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    "BucketName": "declared",
                    "VersioningConfiguration": {"Status": "Enabled"},
                },
            },
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": "declared", "PolicyDocument": {"Statement": []}},
            },
            "Api": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {"Name": "api", "ProtocolType": "HTTP"},
            },
        }
    }
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    cloudformation.create_stack(StackName="stack", TemplateBody=json.dumps(template))

    [stack] = cloudformation.describe_stacks(StackName="stack")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert "Status" not in s3.get_bucket_versioning(Bucket="declared")
    with pytest.raises(ClientError) as none:
        s3.get_bucket_policy(Bucket="declared")
    assert code_of(none) == "NoSuchBucketPolicy"
    assert boto3.client("apigatewayv2", region_name=REGION).get_apis()["Items"] == []
