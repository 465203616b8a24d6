"""S3's notifications, as an SQS message carries them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

import orjson

from delivery.job import Source
from serving.errors import MalformedInputError


def sources_of(body: str) -> tuple[Source, ...]:
    """The objects that a message announces; none for S3's test event or for deletions.

    Keys are decoded from AWS's form encoding ("/" literal, "+" for a space). `versionId` may be
    missing. Raises MalformedInputError where the message is no S3 notification.
    """
    try:
        return tuple(_sources(orjson.loads(body)))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise MalformedInputError("the message: expected an S3 event notification") from error


def _sources(message: Mapping[str, Any]) -> Iterable[Source]:
    # S3 announces a new notification with an s3:TestEvent, which has no Records.
    if message.get("Event") == "s3:TestEvent":
        return
    for record in message["Records"]:
        if record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
            yield _source(record["s3"])


def _source(entity: Mapping[str, Any]) -> Source:
    item = entity["object"]
    return Source(
        bucket=entity["bucket"]["name"],
        key=unquote_plus(item["key"]),
        version=item.get("versionId"),
        etag=item.get("eTag"),
    )
