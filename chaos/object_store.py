"""The object store that both doors open: buckets, and who is told of new objects."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from chaos.bucket import Bucket, Version
from chaos.s3_error import S3Error
from chaos.uploads import MINIMUM_PART_BYTES, Uploads

# Called with the event's name ("ObjectCreated:Put"), the bucket, the key and the version.
Announce = Callable[[str, Bucket, str, Version], None]


def _random_id() -> str:
    return secrets.token_urlsafe(24)


def _tell_nobody(_: str, __: Bucket, ___: str, ____: Version) -> None:
    return


class ObjectStore:
    """`minimum_part_bytes`: S3's own, or less where small files are to be uploaded in parts."""

    def __init__(
        self,
        *,
        minimum_part_bytes: int = MINIMUM_PART_BYTES,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = _random_id,
        announce: Announce = _tell_nobody,
    ) -> None:
        self._minimum_part_bytes = minimum_part_bytes
        self._now = now
        self._new_id = new_id
        self.announce = announce
        self._buckets: dict[str, tuple[Bucket, Uploads]] = {}

    def create_bucket(self, name: str, *, versioned: bool = False) -> Bucket:
        bucket = Bucket(name, versioned=versioned, now=self._now, new_id=self._new_id)
        uploads = Uploads(bucket, minimum_part_bytes=self._minimum_part_bytes)
        self._buckets[name] = bucket, uploads
        return bucket

    def bucket(self, name: str) -> Bucket:
        return self._named(name)[0]

    def uploads(self, name: str) -> Uploads:
        return self._named(name)[1]

    def _named(self, name: str) -> tuple[Bucket, Uploads]:
        if name not in self._buckets:
            raise S3Error("NoSuchBucket")
        return self._buckets[name]
