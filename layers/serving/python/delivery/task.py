"""Work as a message in the model's own queue says it: a file that landed, or a span of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import quote_plus

import orjson

from delivery.job import Source
from formats.row_file import Span

# A run of the function lasts minutes: what is not done after so many of them never will be.
MAX_HOPS = 1000


@dataclass(frozen=True, slots=True)
class Announcement:
    """A file that landed. With `is_rescoring` it is scored although a result of another digest
    stands."""

    source: Source
    is_rescoring: bool = False

    def to_json(self) -> str:
        """As S3 notifies of an upload, but for `rescore`, which S3 cannot ask for."""
        source = self.source
        told = {"versionId": source.version, "eTag": source.etag}
        entity = {
            "key": quote_plus(source.key, safe="/"),
            **{name: value for name, value in told.items() if value is not None},
        }
        record = {
            "eventName": "ObjectCreated:Announcement",
            "s3": {"bucket": {"name": source.bucket}, "object": entity},
        }
        rescoring = {"rescore": True} if self.is_rescoring else {}
        return orjson.dumps({"Records": [record], **rescoring}).decode()


@dataclass(frozen=True, slots=True)
class Task:
    """A span of an announced file. `spans` is how many the file was cut into, `hops` how often the
    work was handed on since the job was `started`, at a time as manifests tell it."""

    announcement: Announcement
    digest: str
    span: Span
    started: str
    spans: int = 1
    hops: int = 0

    def rest(self, position: int) -> Task:
        """The same task from a later position on, for the next run of the function."""
        return replace(self, span=Span(position, self.span.stop), hops=self.hops + 1)

    def to_json(self) -> str:
        document = {
            "source": asdict(self.announcement.source),
            "rescore": self.announcement.is_rescoring,
            "digest": self.digest,
            **asdict(self.span),
            "started": self.started,
            "spans": self.spans,
            "hops": self.hops,
        }
        return orjson.dumps({"task": document}).decode()

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError where it is no task."""
        start, stop = document["start"], document["stop"]
        return cls(
            announcement=Announcement(Source(**document["source"]), document["rescore"]),
            digest=document["digest"],
            span=Span(_position(start), None if stop is None else _position(stop)),
            started=str(document["started"]),
            spans=int(document["spans"]),
            hops=int(document["hops"]),
        )


def announcement_of(work: Announcement | Task) -> Announcement:
    return work.announcement if isinstance(work, Task) else work


def _position(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"expected a position, got {value!r}")
    return value
