"""Compressed text, as Arrow decompresses it: members of gzip and frames of zstd one by one."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator

import pyarrow as pa

from operations.errors import BrokenOutputError

CODECS = {".gz": "gzip", ".zst": "zstd"}
CHUNK_BYTES = 1024 * 1024


def decompressed(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """Takes all chunks. Raises BrokenOutputError where they cannot be decompressed."""
    source = pa.PythonFile(_File(chunks), mode="r")
    try:
        with pa.CompressedInputStream(source, codec) as stream:
            while data := stream.read(CHUNK_BYTES):
                yield data
    except OSError as error:
        raise BrokenOutputError(f"expected {codec}, got something else") from error
    deque(chunks, maxlen=0)  # whoever checks them is told of the end


class _File(io.RawIOBase):
    """Chunks, to be read in any other sizes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self._rest = self._rest or memoryview(next(self._chunks, b""))
        data, self._rest = self._rest[:size], self._rest[size:]
        return bytes(data)
