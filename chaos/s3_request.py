"""A request to S3 and its answer, without the connection between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from chaos.bucket import NULL, Condition, Description, Version
from chaos.content import Content, in_memory
from chaos.s3_error import S3Error
from chaos.xml_document import NAMESPACE, Element, document

METADATA = "x-amz-meta-"


@dataclass(frozen=True, slots=True)
class Request:
    """Buckets are addressed by path; header names are in lower case."""

    method: str
    bucket: str
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: Content

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str], content: Content) -> Self:
        parts = urlsplit(url)
        bucket, _, key = parts.path.removeprefix("/").partition("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return cls(method, unquote(bucket), unquote(key), query, headers, content)

    @property
    def condition(self) -> Condition:
        return Condition(self._etag("if-match"), self._etag("if-none-match"))

    @property
    def description(self) -> Description:
        metadata = {
            name.removeprefix(METADATA): value
            for name, value in self.headers.items()
            if name.startswith(METADATA)
        }
        return Description(metadata, self.headers.get("content-type", Description().content_type))

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isascii() or not text.isdecimal():
            raise S3Error("InvalidArgument", f"Provided {name} not an integer")
        return int(text)

    def _etag(self, name: str) -> str | None:
        value = self.headers.get(name)
        return None if value is None else value.strip('"')


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Content = field(default_factory=lambda: in_memory(b""))


def xml_answer(name: str, *children: Element, headers: Mapping[str, str] | None = None) -> Answer:
    body = in_memory(document(name, *children, namespace=NAMESPACE))
    return Answer(200, {"content-type": "application/xml", **(headers or {})}, body)


def headers_of(version: Version, content: Content) -> dict[str, str]:
    return {
        "etag": f'"{content.etag}"',
        "last-modified": formatdate(version.written_s, usegmt=True),
        "content-type": version.description.content_type,
        "accept-ranges": "bytes",
        **version_header(version),
        **{f"{METADATA}{name}": value for name, value in version.description.metadata.items()},
    }


def version_header(version: Version) -> dict[str, str]:
    """S3 tells no version id of what is not versioned."""
    return {} if version.id == NULL else {"x-amz-version-id": version.id}


def written_at(version: Version) -> str:
    """As XML tells it; headers have another spelling."""
    return datetime.fromtimestamp(version.written_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_RANGE = re.compile(r"bytes=(\d+)-(\d*)|bytes=-(\d+)")


def range_of(text: str, size: int) -> tuple[int, int]:
    """From the first byte up to, and without, the last; raises S3Error where none is there."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return 0, size
    first, last, suffix = found.groups()
    start = max(size - int(suffix), 0) if suffix else int(first)
    stop = min(int(last) + 1, size) if last else size
    if start >= stop:
        raise S3Error("InvalidRange", "The requested range is not satisfiable")
    return start, stop
