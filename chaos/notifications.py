"""S3's notifications on their way to the queue: late, in any order, some of them twice."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote_plus

import orjson

from chaos.bucket import NULL, Bucket, Version
from chaos.message_queue import MessageQueue

# What the docs show most recently; consumers must take any 2.x.
EVENT_VERSION = "2.6"
MAXIMUM_TOGETHER = 3


class Notifications:
    def __init__(self, queue: MessageQueue, random: Random) -> None:
        self._queue = queue
        self._random = random
        self.under_way: list[dict[str, Any]] = []

    def announce(self, event: str, bucket: Bucket, key: str, version: Version) -> None:
        """At least once."""
        copies = self._random.choices([1, 2, 3], [8, 2, 1])[0]
        self.under_way += [record_of(event, bucket.name, key, version)] * copies

    def arrive(self) -> None:
        """One message with some of what is under way."""
        together = self._random.choices(range(1, MAXIMUM_TOGETHER + 1), [8, 1, 1])[0]
        self._random.shuffle(self.under_way)
        some, self.under_way = self.under_way[:together], self.under_way[together:]
        self._queue.send(orjson.dumps({"Records": some}).decode())


def record_of(event: str, bucket: str, key: str, version: Version) -> dict[str, Any]:
    content = version.content
    told = {
        "key": quote_plus(key, safe="/"),
        "size": 0 if content is None else content.size,
        "eTag": version.etag,
        "sequencer": f"{int(version.written_s * 1000):016X}",
    }
    if version.id != NULL:
        told["versionId"] = version.id
    return {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "eventName": event,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": told},
    }
