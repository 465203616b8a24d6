"""The storage that a delivery needs: ports, which the score function fills with S3 and SQS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from delivery.job import Source
from delivery.manifest import Manifest, Output, OutputPart
from delivery.part import Part
from delivery.task import Task
from formats.source import RandomAccess


class PinnedObject(RandomAccess, Protocol):
    """An object pinned to one version: every byte is that version's.

    Reading raises SourceGoneError or SupersededError where the version is no longer there.
    """

    @property
    def source(self) -> Source: ...


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
    is_rescoring: bool = False


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One version of an output, of a manifest or left behind, with its claim."""

    version: str
    claim: Claim


class Inbox(Protocol):
    """Where files land."""

    name: str

    def open(self, source: Source) -> PinnedObject:
        """Raises SourceGoneError or SupersededError."""

    def is_later(self, version: str, other: str, *, key: str) -> bool:
        """Whether `version` of an object was written after `other`, by the bucket's own order; a
        version that is gone is earlier than any."""


class Upload(Protocol):
    """One object in the making; nothing is visible before `finish`."""

    @property
    def size(self) -> int: ...

    @property
    def content(self) -> bytes | None:
        """All that was written, as long as none of it has been sent."""

    def write(self, data: bytes) -> None: ...

    def finish(self) -> OutputPart: ...

    def abort(self) -> None:
        """Give it up; safe to repeat."""


class Results(Protocol):
    """Where scored files and manifests go."""

    def put(self, claim: Claim, content: bytes) -> Output:
        """Write an output in one go."""

    def join(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        """Put an output together from the objects of its parts, one after the other. Raises
        ConflictError where one is no longer there: another delivery has settled the job."""

    def folder(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        """The output whose parts stay objects of their own."""

    def outputs(self, key: str, *, besides: Output | None) -> Iterable[StoredOutput]:
        """The versions of an output that carry a claim; none in an unversioned bucket."""

    def discard(self, output: StoredOutput) -> None:
        """Remove one version of an output; its other versions stay."""

    def read_manifest(self, key: str) -> StoredManifest | None: ...

    def write_manifest(self, manifest: Manifest, *, replacing: StoredManifest | None) -> None:
        """Write by compare-and-swap; raises ConflictError where `replacing` is not there now."""


class Parts(Protocol):
    """Where the parts of unfinished jobs are kept."""

    def upload(self, claim: Claim, start: int, *, joins: bool) -> AbstractContextManager[Upload]:
        """An upload of one part's data, given up where its context ends in an exception. Parts
        that will not be joined go where they stay."""

    def read(self, claim: Claim, start: int) -> Part | None: ...

    def commit(self, claim: Claim, part: Part) -> None:
        """Write a part once; raises ConflictError where one with this start is there."""

    def count(self, claim: Claim) -> int:
        """How many parts of a job are committed."""

    def discard(self, data: OutputPart) -> None:
        """Remove the data of a part that another delivery has committed."""

    def mark_split(self, claim: Claim) -> None:
        """Remember that a job's tasks have been sent."""

    def was_split(self, claim: Claim) -> bool: ...

    def remove(self, claim: Claim, *, kept: Output | None) -> None:
        """Remove all of a job's parts, but those that its output is made of."""

    def forget(self, claim: Claim) -> None:
        """Remove a job's parts, but none that is an object of a result's folder: whoever has read
        of it may name it in a manifest yet."""


class Tasks(Protocol):
    """The model's own queue."""

    def send(self, tasks: Sequence[Task]) -> None:
        """Raises what the queue raises unless all were taken; some may have been, then."""
