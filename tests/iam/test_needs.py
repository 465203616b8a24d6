"""What a call needs is read off the request, as the SDK sends it."""

from __future__ import annotations

from typing import Any

import pytest

from iam.access import OVER_TLS, Need
from iam.errors import UnknownCallError
from iam.needs import needs_of
from tests.iam.conftest import Sent

BUCKET = "arn:aws:s3:::results"
KEY = "housing/über uns & co/rows.csv"
OBJECT = f"{BUCKET}/{KEY}"
AT = {"Bucket": "results", "Key": KEY}
QUEUE_URL = "http://127.0.0.1:1/123456789012/queue"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
CANDIDATE = "arn:aws:lambda:us-east-1:123456789012:function:predict:candidate"
UPLOAD = {"UploadId": "u"}
PART = {**UPLOAD, "PartNumber": 1}


def on_object(*actions: str) -> list[Need]:
    return [Need(action, OBJECT) for action in actions]


@pytest.mark.parametrize(
    ("operation", "parameters", "needs"),
    [
        ("get_object", AT, on_object("s3:GetObject")),
        ("get_object", {**AT, "VersionId": "v"}, on_object("s3:GetObjectVersion")),
        ("head_object", AT, on_object("s3:GetObject")),
        ("head_object", {**AT, "VersionId": "v"}, on_object("s3:GetObjectVersion")),
        ("put_object", {**AT, "Body": b"x"}, on_object("s3:PutObject")),
        ("put_object", {**AT, "Body": b"x", "IfNoneMatch": "*"}, on_object("s3:PutObject")),
        (
            "put_object",
            {**AT, "Body": b"x", "IfMatch": '"e"'},
            on_object("s3:PutObject", "s3:GetObject"),
        ),
        ("delete_object", AT, on_object("s3:DeleteObject")),
        ("delete_object", {**AT, "VersionId": "v"}, on_object("s3:DeleteObjectVersion")),
        (
            "delete_objects",
            {
                "Bucket": "results",
                "Delete": {"Objects": [{"Key": KEY, "VersionId": "v"}, {"Key": KEY}]},
            },
            on_object("s3:DeleteObjectVersion", "s3:DeleteObject"),
        ),
        ("create_multipart_upload", AT, on_object("s3:PutObject")),
        ("upload_part", {**AT, **PART, "Body": b"x"}, on_object("s3:PutObject")),
        ("complete_multipart_upload", {**AT, **UPLOAD}, on_object("s3:PutObject")),
        ("abort_multipart_upload", {**AT, **UPLOAD}, on_object("s3:AbortMultipartUpload")),
        (
            "upload_part_copy",
            {**AT, **PART, "CopySource": {**AT, "VersionId": "v"}},
            on_object("s3:PutObject", "s3:GetObjectVersion"),
        ),
        (
            "upload_part_copy",
            {**AT, **PART, "CopySource": AT},
            on_object("s3:PutObject", "s3:GetObject"),
        ),
        (
            "list_objects_v2",
            {"Bucket": "results", "Prefix": "housing/"},
            [Need("s3:ListBucket", BUCKET, (OVER_TLS, ("s3:prefix", "housing/")))],
        ),
        (
            "list_object_versions",
            {"Bucket": "results", "Prefix": "housing/"},
            [Need("s3:ListBucketVersions", BUCKET, (OVER_TLS, ("s3:prefix", "housing/")))],
        ),
    ],
)
def test_a_call_to_s3_needs_what_s3s_guide_says(
    sent: Sent, operation: str, parameters: dict[str, Any], needs: list[Need]
) -> None:
    name, needed = needs_of(sent("s3", operation, **parameters), 200)

    assert (name.lower(), needed) == (operation.replace("_", ""), needs)


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_who_is_told_that_nothing_is_there_may_list_the_bucket(sent: Sent, operation: str) -> None:
    _, needed = needs_of(sent("s3", operation, **AT), 404)

    assert needed == [Need("s3:GetObject", OBJECT), Need("s3:ListBucket", BUCKET)]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "need"),
    [
        (
            "sqs",
            "send_message_batch",
            {"QueueUrl": QUEUE_URL, "Entries": [{"Id": "0", "MessageBody": "x"}]},
            Need("sqs:SendMessage", QUEUE),
        ),
        (
            "sqs",
            "delete_message_batch",
            {"QueueUrl": QUEUE_URL, "Entries": [{"Id": "0", "ReceiptHandle": "r"}]},
            Need("sqs:DeleteMessage", QUEUE),
        ),
        ("sqs", "receive_message", {"QueueUrl": QUEUE_URL}, Need("sqs:ReceiveMessage", QUEUE)),
        (
            "sqs",
            "change_message_visibility",
            {"QueueUrl": QUEUE_URL, "ReceiptHandle": "r", "VisibilityTimeout": 30},
            Need("sqs:ChangeMessageVisibility", QUEUE),
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
            Need("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/default"),
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": CANDIDATE, "Payload": b"{}"},
            Need("lambda:InvokeFunction", CANDIDATE),
        ),
        (
            "codedeploy",
            "put_lifecycle_event_hook_execution_status",
            {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e", "status": "Succeeded"},
            Need(
                "codedeploy:PutLifecycleEventHookExecutionStatus",
                "arn:aws:codedeploy:us-east-1:123456789012:deployment:d-1",
            ),
        ),
    ],
)
def test_other_calls_need_the_action_of_their_name(
    sent: Sent, service: str, operation: str, parameters: dict[str, Any], need: Need
) -> None:
    _, needed = needs_of(sent(service, operation, **parameters), 200)

    assert needed == [need]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "named"),
    [
        ("s3", "get_object_tagging", AT, "tagging"),
        ("s3", "put_object", {**AT, "Body": b"x", "ACL": "private"}, "x-amz-acl"),
        ("s3", "list_buckets", {}, "GET"),
        ("sqs", "purge_queue", {"QueueUrl": QUEUE_URL}, "AmazonSQS.PurgeQueue"),
        ("sqs", "receive_message", {"QueueUrl": "http://127.0.0.1:1/9/queue"}, "got 9"),
    ],
)
def test_a_call_whose_needs_nobody_has_written_down_is_refused(
    sent: Sent, service: str, operation: str, parameters: dict[str, Any], named: str
) -> None:
    call = sent(service, operation, **parameters)

    with pytest.raises(UnknownCallError, match=named):
        needs_of(call, 200)


def test_a_call_says_who_signed_it(sent: Sent) -> None:
    assert sent("s3", "get_object", **AT).access_key == "the-function"
