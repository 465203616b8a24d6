"""The storage that a delivery needs: ports, which the score function fills with S3."""

from __future__ import annotations

from collections.abc import Iterator
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

    def upload(self, key: str) -> AbstractContextManager[Upload]:
        """An upload that is given up where its context ends in an exception."""

    def discard(self, output: Output) -> None:
        """Remove one version of an output; its other versions stay."""

    def read_manifest(self, key: str) -> StoredManifest | None: ...

    def write_manifest(self, manifest: Manifest, *, replacing: StoredManifest | None) -> None:
        """Write by compare-and-swap; raises ConflictError where `replacing` is not there now."""
