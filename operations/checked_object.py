"""An object of an output, read once and held against what its manifest says of its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from delivery.store import PinnedObject
from operations.errors import BrokenOutputError


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive bytes, by their number and SHA-256."""

    size: int
    sha256: str


class CheckedObject:
    """A `delivery.store.RandomAccess` that should consist of these slices.

    Raises BrokenOutputError where it has another size.
    """

    def __init__(self, stored: PinnedObject, slices: Sequence[Slice]) -> None:
        self._stored = stored
        self._slices = slices
        self.size = sum(piece.size for piece in slices)
        if stored.size != self.size:
            raise BrokenOutputError(f"expected {self.size} bytes, got {stored.size}")

    @property
    def key(self) -> str:
        return self._stored.source.key

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """Raises BrokenOutputError at the end of a slice that has another hash, provided that
        `start` is 0."""
        chunks = self._stored.stream(start)
        return chunks if start else self._checked(chunks)

    def read(self, start: int, stop: int) -> bytes:
        return self._stored.read(start, stop)

    def _checked(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        start, chunk = 0, memoryview(b"")
        for piece in self._slices:
            sha256, left = hashlib.sha256(), piece.size
            while left:
                chunk = chunk or memoryview(next(chunks))
                taken, chunk = chunk[:left], chunk[left:]
                sha256.update(taken)
                left -= len(taken)
                yield bytes(taken)
            self._require(piece, sha256.hexdigest(), start)
            start += piece.size

    def _require(self, piece: Slice, sha256: str, start: int) -> None:
        if sha256 != piece.sha256:
            raise BrokenOutputError(
                f"bytes {start} to {start + piece.size}: expected the SHA-256 {piece.sha256}, got "
                f"{sha256}"
            )
