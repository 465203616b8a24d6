"""Where a file's bytes come from: ports, which the store fills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Text(Protocol):
    """The bytes of a text file, after decompression."""

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """Chunks from an offset to the end."""


class RandomAccess(Protocol):
    """The bytes of one version of an object."""

    @property
    def size(self) -> int: ...

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """Chunks from an offset to the end, read as one request."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, read as one request."""
