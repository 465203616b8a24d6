"""Storage in memory, every call of which a test can watch, interrupt or interleave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from typing import Any

from delivery.errors import ConflictError, SourceGoneError, SupersededError
from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest, Output, OutputPart
from delivery.part import Part
from delivery.store import Claim, StoredManifest, StoredOutput
from delivery.task import Task

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

    def all_keys(self) -> list[str]:
        return sorted(key for key, versions in self._objects.items() if versions)


class MemoryInbox:
    def __init__(self, bucket: Bucket, around: Around = undisturbed) -> None:
        self._bucket = bucket
        self._around = around
        self.name = bucket.name

    def open(self, source: Source) -> MemoryObject:
        with self._around("open"):
            version, body = self._get(source)
        return MemoryObject(Source(source.bucket, source.key, version, etag_of(body)), body)

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


class MemoryObject:
    def __init__(self, source: Source, body: bytes) -> None:
        self.source = source
        self.size = len(body)
        self._body = body

    def stream(self, start: int = 0) -> Iterator[bytes]:
        yield from (self._body[start : start + 7], self._body[start + 7 :])

    def read(self, start: int, stop: int) -> bytes:
        return self._body[start:stop]


class MemoryResults:
    def __init__(self, bucket: Bucket, around: Around = undisturbed) -> None:
        self._bucket = bucket
        self._around = around

    def put(self, claim: Claim, content: bytes) -> Output:
        with self._around("put"):
            version = self._write(claim, content)
        key = claim.source.key
        return Output(self._bucket.name, key, version, len(content), sha256_of(content))

    def _write(self, claim: Claim, content: bytes) -> str:
        version = self._bucket.put(claim.source.key, content)
        self._bucket.claims[version] = claim
        return version

    def join(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        with self._around("join"):
            try:
                content = b"".join(
                    self._bucket.versions(str(part.key))[str(part.version)] for part in parts
                )
            except KeyError as error:
                raise ConflictError("a part is gone") from error
            version = self._write(claim, content)
        slices = tuple(replace(part, key=None, version=None) for part in parts)
        return Output(self._bucket.name, claim.source.key, version, len(content), None, slices)

    def folder(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        size = sum(part.size for part in parts)
        return Output(self._bucket.name, folder_of(claim), None, size, None, tuple(parts))

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


class MemoryParts:
    def __init__(
        self, bucket: Bucket, around: Around = undisturbed, *, sent_from_bytes: int
    ) -> None:
        self._bucket = bucket
        self._around = around
        self._sent_from_bytes = sent_from_bytes

    @contextmanager
    def upload(self, claim: Claim, start: int, *, joins: bool) -> Iterator[MemoryUpload]:
        folder = prefix_of(claim) if joins else folder_of(claim)
        key = f"{folder}data-{start}"
        yield MemoryUpload(self._bucket, key, self._around, sent_from_bytes=self._sent_from_bytes)

    def read(self, claim: Claim, start: int) -> Part | None:
        with self._around("read_part"):
            stored = self._bucket.versions(part_key(claim, start))
        return Part.from_json(*stored.values()) if stored else None

    def commit(self, claim: Claim, part: Part) -> None:
        key = part_key(claim, part.start)
        with self._around("commit_part"):
            if self._bucket.versions(key):
                raise ConflictError(key)
            self._bucket.put(key, part.to_json())

    def count(self, claim: Claim) -> int:
        with self._around("count"):
            return len([k for k in self._bucket.all_keys() if k.startswith(part_key(claim, ""))])

    def discard(self, data: OutputPart) -> None:
        with self._around("discard_part"):
            self._bucket.remove(str(data.key), data.version)

    def mark_split(self, claim: Claim) -> None:
        with self._around("mark_split"):
            self._bucket.put(f"{prefix_of(claim)}split", b"")

    def was_split(self, claim: Claim) -> bool:
        with self._around("was_split"):
            return bool(self._bucket.versions(f"{prefix_of(claim)}split"))

    def remove(self, claim: Claim, *, kept: Output | None) -> None:
        keep = {(part.key, part.version) for part in kept.parts} if kept else set()
        with self._around("remove"):
            self._remove_under(prefix_of(claim), folder_of(claim), keep=keep)

    def forget(self, claim: Claim) -> None:
        with self._around("forget"):
            self._remove_under(prefix_of(claim), keep=set())

    def _remove_under(self, *prefixes: str, keep: Set[tuple[str | None, str | None]]) -> None:
        for key in self._bucket.all_keys():
            if key.startswith(prefixes):
                for version in {*self._bucket.versions(key)}:
                    if (key, version) not in keep:
                        self._bucket.remove(key, version)


class MemoryUpload:
    """Keeps to itself what it has as long as that is less than `sent_from_bytes`."""

    def __init__(self, bucket: Bucket, key: str, around: Around, *, sent_from_bytes: int) -> None:
        self._bucket = bucket
        self._key = key
        self._around = around
        self._sent_from_bytes = sent_from_bytes
        self._body = b""

    @property
    def size(self) -> int:
        return len(self._body)

    @property
    def content(self) -> bytes | None:
        return self._body if self.size < self._sent_from_bytes else None

    def write(self, data: bytes) -> None:
        self._body += data

    def finish(self) -> OutputPart:
        with self._around("finish_part"):
            version = self._bucket.put(self._key, self._body)
        return OutputPart(self._key, version, self.size, sha256_of(self._body))

    def abort(self) -> None:
        self._body = b""


class MemoryTasks:
    """A queue that keeps what was sent to it."""

    def __init__(self, around: Around = undisturbed) -> None:
        self._around = around
        self.sent: list[Task] = []

    def send(self, tasks: Sequence[Task]) -> None:
        with self._around("send"):
            self.sent.extend(tasks)


class OnThisThread(Executor):
    """Does what it is given at once, so that the order of all calls is the test's."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as its base
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - raised again by the future
            future.set_exception(error)
        return future


def prefix_of(claim: Claim) -> str:
    return f".parts/{claim.job}/"


def folder_of(claim: Claim) -> str:
    return f"{claim.source.key}/{claim.job}/"


def part_key(claim: Claim, start: int | str) -> str:
    return f"{prefix_of(claim)}manifest-{start}"


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def etag_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
