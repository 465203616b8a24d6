"""Uploads in parts: nothing of them is visible before they are completed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.bucket import Bucket, Condition, Description, Version
from chaos.content import Content, joined
from chaos.s3_error import S3Error

MIB = 1024 * 1024
MINIMUM_PART_BYTES = 5 * MIB
MAXIMUM_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Upload:
    """`began_after`: the last change of the key before it."""

    key: str
    description: Description
    began_after: int
    parts: dict[int, Content] = field(default_factory=dict)


class Uploads:
    """The uploads in parts that are under way in one bucket."""

    def __init__(self, bucket: Bucket, *, minimum_part_bytes: int = MINIMUM_PART_BYTES) -> None:
        self._bucket = bucket
        self._minimum_part_bytes = minimum_part_bytes
        self.under_way: dict[str, Upload] = {}

    def create(self, key: str, description: Description) -> str:
        upload_id = self._bucket.new_id()
        self.under_way[upload_id] = Upload(key, description, self._bucket.last_change(key))
        return upload_id

    def add(self, key: str, upload_id: str, number: int, content: Content) -> None:
        if not 1 <= number <= MAXIMUM_PARTS:
            raise S3Error("InvalidArgument", "Part number must be between 1 and 10000, inclusive")
        self._upload(key, upload_id).parts[number] = content

    def complete(
        self,
        key: str,
        upload_id: str,
        told: Sequence[tuple[int, str]],
        condition: Condition,
    ) -> Version:
        """`told`: the parts' numbers and ETags, as the caller remembers them."""
        upload = self._upload(key, upload_id)
        parts = self._parts(upload, told)
        version = self._bucket.put(
            key, joined(parts), upload.description, condition, since=upload.began_after
        )
        del self.under_way[upload_id]
        return version

    def abort(self, key: str, upload_id: str) -> None:
        self._upload(key, upload_id)
        del self.under_way[upload_id]

    def _upload(self, key: str, upload_id: str) -> Upload:
        upload = self.under_way.get(upload_id)
        if upload is None or upload.key != key:
            raise S3Error("NoSuchUpload")
        return upload

    def _parts(self, upload: Upload, told: Sequence[tuple[int, str]]) -> list[Content]:
        numbers = [number for number, _ in told]
        if not numbers:
            raise S3Error("MalformedXML", "You must specify at least one part")
        if numbers != sorted(set(numbers)):
            raise S3Error("InvalidPartOrder")
        for number, etag in told:
            if number not in upload.parts or upload.parts[number].etag != etag:
                raise S3Error("InvalidPart")
        parts = [upload.parts[number] for number in numbers]
        if any(part.size < self._minimum_part_bytes for part in parts[:-1]):
            raise S3Error("EntityTooSmall")
        return parts
