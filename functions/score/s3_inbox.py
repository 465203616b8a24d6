"""The inbox in S3: objects pinned to the version that was announced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from delivery.errors import SourceGoneError, SupersededError
from delivery.job import Source
from functions.score.s3_errors import CHANGED, GONE, code_of
from functions.score.s3_versions import UNVERSIONED, versions_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
# A body that breaks off is asked for again from there: botocore repeats requests, but not those
# whose answer has begun.
MAX_BREAKS = 5
BREAKS = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)


class S3Inbox:
    """Where files land."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self.name = bucket

    def open(self, source: Source) -> S3Object:
        """Pin the announced version; without one, the announced bytes by their etag."""
        pin: dict[str, Any] = {}
        if source.version is not None:
            pin = {"VersionId": source.version}
        elif source.etag is not None:
            pin = {"IfMatch": f'"{source.etag}"'}
        with _told(source):
            answer = self._client.head_object(Bucket=self.name, Key=source.key, **pin)
        version = answer.get("VersionId", UNVERSIONED)
        pinned = Source(
            source.bucket,
            source.key,
            None if version == UNVERSIONED else version,
            answer["ETag"].strip('"'),
        )
        return S3Object(self._client, pinned, size=answer["ContentLength"])

    def is_later(self, version: str, other: str, *, key: str) -> bool:
        versions = versions_of(self._client, self.name, key)
        return next((v for v in versions if v in {version, other}), None) == version


class S3Object:
    """One version of an object; without versions, the object as long as its etag stays.

    The first chunk is kept: text is read twice from its beginning, first for its header.
    """

    def __init__(self, client: S3Client, source: Source, *, size: int) -> None:
        self._client = client
        self._head = b""
        self.source = source
        self.size = size

    def stream(self, start: int = 0) -> Iterator[bytes]:
        if start < CHUNK_BYTES and self.size:
            self._head = self._head or self.read(0, min(self.size, CHUNK_BYTES))
            yield self._head[start:]
            start = len(self._head)
        breaks = 0
        while start < self.size:
            try:
                for chunk in self._chunks(f"bytes={start}-"):
                    start += len(chunk)
                    yield chunk
            except BREAKS:
                breaks += 1
                if breaks > MAX_BREAKS:
                    raise

    def read(self, start: int, stop: int) -> bytes:
        breaks = 0
        while True:
            try:
                return b"".join(self._chunks(f"bytes={start}-{stop - 1}"))
            except BREAKS:
                breaks += 1
                if breaks > MAX_BREAKS:
                    raise

    def _chunks(self, byte_range: str) -> Iterator[bytes]:
        pin: dict[str, Any] = {"IfMatch": f'"{self.source.etag}"'}
        if self.source.version is not None:
            pin["VersionId"] = self.source.version
        with _told(self.source):
            answer = self._client.get_object(
                Bucket=self.source.bucket, Key=self.source.key, Range=byte_range, **pin
            )
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(CHUNK_BYTES)


@contextmanager
def _told(source: Source) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) in GONE:
            raise SourceGoneError(f"{source.version or source.etag}: gone") from error
        if code_of(error) in CHANGED:
            raise SupersededError(f"{source.etag}: overwritten") from error
        raise
