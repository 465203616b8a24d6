"""A stream of bytes that comes in chunks of any sizes, read in any others."""

from __future__ import annotations

import math
from collections.abc import Iterable


class ByteStream:
    """Ends with its chunks, or after `size` bytes where there are more."""

    def __init__(self, chunks: Iterable[bytes], size: int | None) -> None:
        self._chunks = iter(chunks)
        self._left = math.inf if size is None else size
        self._rest = memoryview(b"")

    def read(self, size: int, *, behind: bytes = b"") -> bytes:
        """`size` bytes, of which `behind` are the first; fewer only at the end."""
        parts: list[bytes | memoryview] = [behind]
        wanted = int(min(size - len(behind), self._left))
        while wanted > 0 and (part := self._next(wanted)):
            wanted -= len(part)
            self._left -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _next(self, most: int) -> memoryview:
        while not self._rest and (chunk := next(self._chunks, None)) is not None:
            self._rest = memoryview(chunk)
        part, self._rest = self._rest[:most], self._rest[most:]
        return part
