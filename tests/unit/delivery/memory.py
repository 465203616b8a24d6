"""Storage in memory, every call of which a test can watch, interrupt or interleave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count

from delivery.errors import ConflictError, SourceGoneError, SupersededError
from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest, Output
from delivery.store import Claim, OpenedSource, StoredManifest, StoredOutput

# Entered around each call, by its name: what raises on entry keeps the call from taking effect.
Around = Callable[[str], AbstractContextManager[None]]


def undisturbed(_: str) -> AbstractContextManager[None]:
    return nullcontext()


class Bucket:
    """Objects by key, each with its versions from the first to the current one."""

    def __init__(self, name: str, *, versioned: bool = True) -> None:
        self.name = name
        self._versioned = versioned
        self._objects: dict[str, dict[str, bytes]] = {}
        self._numbers = count(1)
        self.claims: dict[str, Claim] = {}

    def put(self, key: str, body: bytes) -> str:
        """The new version's id; an unversioned bucket keeps one object, and its id changes too."""
        version = f"{self.name}-{next(self._numbers)}"
        kept = self.versions(key) if self._versioned else {}
        self._objects[key] = {**kept, version: body}
        return version

    def announce(self, key: str, body: bytes) -> Source:
        """Put an object, as the notification about it says."""
        version = self.put(key, body)
        return Source(self.name, key, version if self._versioned else None, etag_of(body))

    def versions(self, key: str) -> dict[str, bytes]:
        return self._objects.get(key, {})

    def current(self, key: str) -> tuple[str | None, bytes]:
        """Its version and body; raises SourceGoneError."""
        if not self.versions(key):
            raise SourceGoneError(key)
        version, body = list(self.versions(key).items())[-1]
        return version if self._versioned else None, body

    def remove(self, key: str, version: str | None = None) -> None:
        """Remove one version for good, or all of them."""
        left = {v: body for v, body in self.versions(key).items() if v != version}
        self._objects[key] = left if version else {}

    def restore(self, key: str, source: Source, body: bytes) -> None:
        """Put back the version that a source names."""
        self._objects[key] = {**self.versions(key), str(source.version): body}

    def keys(self) -> list[str]:
        return sorted(key for key, versions in self._objects.items() if versions)


class MemoryInbox:
    def __init__(self, bucket: Bucket, around: Around = undisturbed) -> None:
        self._bucket = bucket
        self._around = around
        self.name = bucket.name

    @contextmanager
    def open(self, source: Source) -> Iterator[OpenedSource]:
        with self._around("open"):
            version, body = self._get(source)
        yield OpenedSource(
            Source(source.bucket, source.key, version, etag_of(body)), iter([body[:7], body[7:]])
        )

    def _get(self, source: Source) -> tuple[str | None, bytes]:
        if source.version is None:
            version, body = self._bucket.current(source.key)
            if source.etag not in {None, etag_of(body)}:
                raise SupersededError(source.key)
            return version, body
        if source.version not in self._bucket.versions(source.key):
            raise SourceGoneError(source.key)
        return source.version, self._bucket.versions(source.key)[source.version]

    def is_later(self, version: str, other: str, *, key: str) -> bool:
        with self._around("is_later"):
            there = [v for v in self._bucket.versions(key) if v in {version, other}]
        return there[-1:] == [version]


class MemoryResults:
    def __init__(self, bucket: Bucket, around: Around = undisturbed) -> None:
        self._bucket = bucket
        self._around = around

    @contextmanager
    def upload(self, claim: Claim) -> Iterator[MemoryUpload]:
        yield MemoryUpload(self._bucket, claim, self._around)

    def outputs(self, key: str, *, besides: Output | None) -> list[StoredOutput]:
        with self._around("outputs"):
            versions = list(self._bucket.versions(key))
        return [
            StoredOutput(version, self._bucket.claims[version])
            for version in versions
            if besides is None or version != besides.version
        ]

    def discard(self, output: StoredOutput) -> None:
        with self._around("discard"):
            self._bucket.remove(output.claim.source.key, output.version)

    def read_manifest(self, key: str) -> StoredManifest | None:
        with self._around("read_manifest"):
            stored = self._bucket.versions(key + SUFFIX)
        if not stored:
            return None
        tag, body = list(stored.items())[-1]
        return StoredManifest(Manifest.from_json(body), tag)

    def write_manifest(self, manifest: Manifest, *, replacing: StoredManifest | None) -> None:
        key = manifest.source.key + SUFFIX
        with self._around("write_manifest"):
            there = list(self._bucket.versions(key))[-1:]
            if there != ([] if replacing is None else [replacing.tag]):
                raise ConflictError(key)
            self._bucket.put(key, manifest.to_json())


class MemoryUpload:
    def __init__(self, bucket: Bucket, claim: Claim, around: Around) -> None:
        self._bucket = bucket
        self._claim = claim
        self._around = around
        self._body = b""

    def write(self, data: bytes) -> None:
        self._body += data

    def finish(self) -> Output:
        key = self._claim.source.key
        with self._around("finish"):
            version = self._bucket.put(key, self._body)
            self._bucket.claims[version] = self._claim
        digest = hashlib.sha256(self._body).hexdigest()
        return Output(self._bucket.name, key, version, len(self._body), digest)


def etag_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
