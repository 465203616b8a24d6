"""What an object holds: slices of unchanging bytes, so that copies and joins cost nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol
from weakref import finalize

CHUNK_BYTES = 1024 * 1024


class Blob(Protocol):
    """Bytes as they were uploaded once."""

    @property
    def size(self) -> int: ...

    def read(self, start: int, stop: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class MemoryBlob:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]


class FileBlob:
    """A file without a name, which the disk gives back with the last slice of it."""

    def __init__(self, directory: Path, chunks: Iterable[bytes]) -> None:
        self._file = TemporaryFile(dir=directory)  # noqa: SIM115 - it lives as long as the blob
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.size = 0
        for chunk in chunks:
            self._file.write(chunk)
            self._md5.update(chunk)
            self.size += len(chunk)
        self._file.flush()
        finalize(self, self._file.close)

    @property
    def etag(self) -> str:
        return self._md5.hexdigest()

    @property
    def fd(self) -> int:
        return self._file.fileno()

    def read(self, start: int, stop: int) -> bytes:
        return os.pread(self.fd, stop - start, start)


@dataclass(frozen=True, slots=True)
class Slice:
    blob: Blob
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def cut(self, start: int, stop: int) -> Slice:
        return Slice(self.blob, self.start + start, self.start + stop)


@dataclass(frozen=True)
class Content:
    """An object's bytes and their ETag, which S3 calls opaque: an MD5 only of what was sent."""

    slices: Sequence[Slice]
    etag: str

    @cached_property
    def size(self) -> int:
        return sum(piece.size for piece in self.slices)

    def cut(self, start: int, stop: int) -> Content:
        return Content(list(self._cut(start, stop)), _md5(f"{self.etag}:{start}-{stop}".encode()))

    def _cut(self, start: int, stop: int) -> Iterator[Slice]:
        offset = 0
        for piece in self.slices:
            first, last = max(start - offset, 0), min(stop - offset, piece.size)
            if first < last:
                yield piece.cut(first, last)
            offset += piece.size

    def chunks(self) -> Iterator[bytes]:
        for piece in self.slices:
            for start in range(piece.start, piece.stop, CHUNK_BYTES):
                yield piece.blob.read(start, min(start + CHUNK_BYTES, piece.stop))

    def read(self) -> bytes:
        return b"".join(self.chunks())


def in_memory(data: bytes) -> Content:
    return Content([Slice(MemoryBlob(data), 0, len(data))], _md5(data))


def in_file(directory: Path, chunks: Iterable[bytes]) -> Content:
    blob = FileBlob(directory, chunks)
    return Content([Slice(blob, 0, blob.size)], blob.etag)


def joined(parts: Sequence[Content]) -> Content:
    """One after the other, with the ETag that S3 gives to what was uploaded in parts."""
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    slices = [piece for part in parts for piece in part.slices]
    return Content(slices, f"{_md5(digests)}-{len(parts)}")


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
