"""What a message of the model's queue says: S3's notifications, and our own tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

import orjson

from delivery.job import Source
from delivery.task import Announcement, Task
from serving.errors import MalformedInputError

Work = Announcement | Task


def work_of(body: str) -> tuple[Work, ...]:
    """What there is to do; nothing for S3's test event or for deletions.

    Keys are decoded from AWS's form encoding ("/" literal, "+" for a space). `versionId` may be
    missing. Raises MalformedInputError where the message is neither a notification nor a task.
    """
    try:
        return tuple(_work(orjson.loads(body)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedInputError(
            "the message: expected an S3 event notification or a task"
        ) from error


def _work(message: Mapping[str, Any]) -> Iterable[Work]:
    if "task" in message:
        yield Task.from_document(message["task"])
        return
    # S3 announces a new notification with an s3:TestEvent, which has no Records.
    if message.get("Event") == "s3:TestEvent":
        return
    is_rescoring = message.get("rescore") is True
    for record in message["Records"]:
        if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
            yield Announcement(_source(record["s3"]), is_rescoring)


def _source(entity: Mapping[str, Any]) -> Source:
    item = entity["object"]
    return Source(
        bucket=entity["bucket"]["name"],
        key=unquote_plus(item["key"]),
        version=item.get("versionId"),
        etag=item.get("eTag"),
    )
