"""The storage that a delivery needs: ports, which the score function fills with S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from delivery.job import Source
from delivery.manifest import Manifest, Output


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """An object pinned to one version: every byte of `chunks` is that version's."""

    source: Source
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class StoredManifest:
    """A manifest as it was read, and the tag that must still be there to replace it."""

    manifest: Manifest
    tag: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What an output says of itself: the source that it was scored from, and the job."""

    source: Source
    job: str


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One version of an output, of a manifest or left behind, with its claim."""

    version: str
    claim: Claim


class Text(Protocol):
    """The bytes of a text file, after decompression."""

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """Chunks from an offset to the end."""


class RandomAccess(Protocol):
    """The bytes of one version of an object."""

    size: int

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """Chunks from an offset to the end, read as one request."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, read as one request."""


class Inbox(Protocol):
    """Where files land."""

    name: str

    def open(self, source: Source) -> AbstractContextManager[OpenedSource]:
        """Raises SourceGoneError or SupersededError on entry."""

    def is_later(self, version: str, other: str, *, key: str) -> bool:
        """Whether `version` of an object was written after `other`, by the bucket's own order; a
        version that is gone is earlier than any."""


class Upload(Protocol):
    """One output object in the making; nothing is visible before `finish`."""

    def write(self, data: bytes) -> None: ...

    def finish(self) -> Output: ...


class Results(Protocol):
    """Where scored files and manifests go."""

    def upload(self, claim: Claim) -> AbstractContextManager[Upload]:
        """An upload that is given up where its context ends in an exception."""

    def outputs(self, key: str, *, besides: Output | None) -> Iterable[StoredOutput]:
        """The versions of an output that carry a claim; none in an unversioned bucket."""

    def discard(self, output: StoredOutput) -> None:
        """Remove one version of an output; its other versions stay."""

    def read_manifest(self, key: str) -> StoredManifest | None: ...

    def write_manifest(self, manifest: Manifest, *, replacing: StoredManifest | None) -> None:
        """Write by compare-and-swap; raises ConflictError where `replacing` is not there now."""
