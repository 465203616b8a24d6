"""Whatever could be otherwise about an access is tried otherwise, each alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iam.access import OVER_TLS, Access, Need
from iam.recording import Recording
from privileges.attempt import STRANGER, TLS, attempts

ROLE = "arn:aws:iam::123456789012:role/score"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue"
BUCKET = "arn:aws:s3:::results"
ACCOUNT = ("aws:SourceAccount", "123456789012")
SOURCE = ("aws:SourceArn", "arn:aws:s3:::inbox")


def tried(*made: Access) -> dict[str, list[Access]]:
    recording = Recording()
    for access in made:
        recording.add(access, "an operation")
    found: dict[str, list[Access]] = {}
    for attempt in attempts(recording):
        found.setdefault(attempt.difference, []).append(attempt.access)
    return found


def test_an_announcement_is_tried_from_elsewhere_by_others_and_in_plain_text() -> None:
    need = Need("sqs:SendMessage", QUEUE, (OVER_TLS, SOURCE, ACCOUNT))
    access = Access("s3.amazonaws.com", need)

    def otherwise(**changes: Any) -> list[Access]:  # noqa: ANN401 - a need's
        return [replace(access, need=replace(need, **changes))]

    other_account = ("aws:SourceAccount", "999999999999")
    assert tried(access) == {
        "by another principal": [Access(STRANGER, need)],
        "by another action": otherwise(action="sqs:SendMessageAnother"),
        "on what is another account's": otherwise(
            resource=QUEUE.replace("123456789012", "999999999999")
        ),
        "on another resource": otherwise(resource=QUEUE.replace("queue", "another-queue")),
        "not over TLS": otherwise(context=((TLS, "false"), SOURCE, ACCOUNT)),
        "from another resource": otherwise(
            context=(OVER_TLS, ("aws:SourceArn", "arn:aws:s3:::another-inbox"), ACCOUNT)
        ),
        "from another account": otherwise(context=(OVER_TLS, SOURCE, other_account)),
    }


@pytest.mark.parametrize("folder", ["example", ".parts/example"])
def test_a_file_and_a_prefix_are_tried_as_another_models(folder: str) -> None:
    other = folder.replace("example", "another")
    prefix = (OVER_TLS, ("s3:prefix", f"{folder}/example/rows.csv"))
    read = Access(ROLE, Need("s3:GetObject", f"{BUCKET}/{folder}/rows.csv"))
    listed = Access(ROLE, Need("s3:ListBucketVersions", BUCKET, prefix))

    found = tried(read, listed)

    assert found["on another model's files"] == [
        Access(ROLE, Need("s3:GetObject", f"{BUCKET}/{other}/rows.csv"))
    ]
    other_prefix = (OVER_TLS, ("s3:prefix", f"{other}/example/rows.csv"))
    assert found["for another model's files"] == [
        Access(ROLE, Need("s3:ListBucketVersions", BUCKET, other_prefix))
    ]


def test_what_is_done_without_a_prefix_too_is_not_tried_with_another() -> None:
    of_folder = Need("s3:ListBucket", BUCKET, (OVER_TLS, ("s3:prefix", "example/")))

    found = tried(Access(ROLE, of_folder), Access(ROLE, Need("s3:ListBucket", BUCKET)))

    assert "for another model's files" not in found
    assert found["by another principal"] == [Access(STRANGER, Need("s3:ListBucket", BUCKET))]


def test_any_alarm_of_the_account_may_be_told_and_none_of_another() -> None:
    source = ("aws:SourceArn", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow")
    topic = "arn:aws:sns:us-east-1:123456789012:alarms"
    need = Need("sns:Publish", topic, (OVER_TLS, source))

    found = tried(Access("cloudwatch.amazonaws.com", need))

    sources = {dict(a.need.context)["aws:SourceArn"] for made in found.values() for a in made}
    assert sources == {source[1], "arn:aws:cloudwatch:us-east-1:999999999999:alarm:slow"}


def test_what_answers_over_tls_alone_is_not_tried_in_plain_text() -> None:
    need = Need("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:gate")

    assert set(tried(Access(ROLE, need))) == {
        "by another principal",
        "by another action",
        "on what is another account's",
        "on another resource",
    }


@pytest.mark.parametrize(
    ("resource", "other"),
    [
        ("function:gate:live", "function:another-gate:live"),
        ("log-group:gate:log-stream:x", "log-group:another-gate:log-stream:x"),
        ("event-bus/default", "event-bus/another-default"),
        ("queue", "another-queue"),
    ],
)
def test_another_resource_is_another_of_its_kind(resource: str, other: str) -> None:
    start = "arn:aws:any:us-east-1:123456789012:"

    [access] = tried(Access(ROLE, Need("any:Do", start + resource)))["on another resource"]

    assert access.need.resource == start + other
