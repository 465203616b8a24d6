"""Objects put together by S3 itself: one upload whose parts are copies."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from delivery.errors import ConflictError
from delivery.manifest import OutputPart
from functions.score.s3_errors import CHANGED, GONE, code_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# What S3 takes as a part: at least this, but for the last one, and at most 5 GiB.
MIN_BYTES = 5 * 1024 * 1024
MAX_BYTES = 4 * 1024**3
COPIES_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Slice:
    """The bytes of one object from `start` up to `stop`."""

    part: OutputPart
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def cut(self, size: int) -> tuple[Slice, Slice]:
        middle = self.start + size
        return Slice(self.part, self.start, middle), Slice(self.part, middle, self.stop)


class S3Join:
    """Makes one object of several, which may be of any size."""

    def __init__(
        self, client: S3Client, bucket: str, key: str, *, metadata: Mapping[str, str]
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._object: Any = {"Bucket": bucket, "Key": key}
        self._metadata = metadata

    def of(self, parts: Sequence[OutputPart]) -> str | None:
        """The new object's version; raises ConflictError where a part is no longer there."""
        created = self._client.create_multipart_upload(**self._object, Metadata=self._metadata)
        upload: Any = {**self._object, "UploadId": created["UploadId"]}
        try:
            sent = self._send(upload, [*_groups(parts)])
            answer = self._client.complete_multipart_upload(
                **upload, MultipartUpload={"Parts": sent}
            )
        except BaseException as error:
            self._client.abort_multipart_upload(**upload)
            if isinstance(error, ClientError) and code_of(error) in GONE | CHANGED:
                raise ConflictError("a part is no longer there") from error
            raise
        return answer.get("VersionId")

    def _send(self, upload: dict[str, Any], groups: Sequence[Sequence[Slice]]) -> list[Any]:
        with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
            numbers = range(1, len(groups) + 1)
            tags = pool.map(partial(self._send_one, upload), numbers, groups)
            return [
                {"ETag": tag, "PartNumber": number}
                for number, tag in zip(numbers, tags, strict=True)
            ]

    def _send_one(self, upload: dict[str, Any], number: int, group: Sequence[Slice]) -> str:
        if len(group) == 1:
            copied = self._client.upload_part_copy(
                **upload,
                PartNumber=number,
                CopySource=self._source(group[0].part),
                CopySourceRange=_byte_range(group[0]),
            )
            return copied["CopyPartResult"]["ETag"]
        body = b"".join(map(self._read, group))
        return self._client.upload_part(**upload, PartNumber=number, Body=body)["ETag"]

    def _source(self, part: OutputPart) -> Any:  # noqa: ANN401 - boto3's own type
        source = {"Bucket": self._bucket, "Key": part.key}
        return source if part.version is None else {**source, "VersionId": part.version}

    def _read(self, piece: Slice) -> bytes:
        answer = self._client.get_object(**self._source(piece.part), Range=_byte_range(piece))
        with closing(answer["Body"]) as body:
            return body.read()


def _groups(parts: Sequence[OutputPart]) -> Iterator[list[Slice]]:
    """Slices to copy one by one where they are large enough, and to read and send together where
    they are not."""
    waiting: list[Slice] = []
    for part in parts:
        for piece in _slices(part):
            rest = piece
            if waiting and piece.size > 2 * MIN_BYTES:
                head, rest = piece.cut(MIN_BYTES)
                yield [*waiting, head]
                waiting = []
            waiting.append(rest)
            if sum(each.size for each in waiting) >= MIN_BYTES:
                yield waiting
                waiting = []
    if waiting:
        yield waiting


def _slices(part: OutputPart) -> Iterator[Slice]:
    count = math.ceil(part.size / MAX_BYTES)
    edges = [part.size * number // count for number in range(count)] + [part.size]
    for start, stop in pairwise(edges):
        yield Slice(part, start, stop)


def _byte_range(piece: Slice) -> str:
    return f"bytes={piece.start}-{piece.stop - 1}"
