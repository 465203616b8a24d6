"""Compressed text files, gzip or Zstandard: read and written as a stream.

What parts are compressed to can be put together: members of gzip, and frames of Zstandard, that
follow one another are one file.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from formats.errors import BadFileError
from formats.row_file import Encoder
from formats.source import RandomAccess
from serving.errors import MalformedInputError

# Read in such pieces, an error's place is known as well, and a bomb is known before it goes off.
PIECE_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
MAX_EXPANSION = 250
# So many bytes may come out of any number.
FREE_BYTES = 64 * 1024 * 1024
# Of the levels of gzip the fastest: the sixth makes numbers a tenth smaller, in eight times the
# time.
GZIP_LEVEL = 1
# The size of zlib's window, and that a gzip header and trailer are around its data.
GZIP_WBITS = 16 + zlib.MAX_WBITS

Written = TypeVar("Written")


class Codec(StrEnum):
    """How a file is compressed."""

    GZIP = "gzip"
    ZSTD = "zstd"


class Decompressed:
    """A compressed object as the Text in it."""

    def __init__(self, source: RandomAccess, codec: Codec) -> None:
        self._source = source
        self._codec = codec

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """What is before `start` is decompressed and dropped.

        Raises MalformedInputError where the data is damaged or cut off, and BadFileError where
        far too much comes out of it.
        """
        compressed = _Pieces(self._source.stream())
        for chunk in _bounded(_DECOMPRESS[self._codec](compressed), compressed):
            if len(chunk) > start:
                yield chunk[start:]
            start = max(start - len(chunk), 0)


class _Pieces(io.RawIOBase):
    """Chunks as a file of small pieces. `failure` is what the chunks raised, which pyarrow passes
    on: its own errors may be of the same types."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = (
            chunk[start : start + PIECE_BYTES]
            for chunk in chunks
            for start in range(0, len(chunk), PIECE_BYTES)
        )
        self.position = 0
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, _size: int = -1, /) -> bytes:
        """The next piece, whatever the size; nothing at the end."""
        try:
            piece = next(self._pieces, b"")
        except Exception as error:
            self.failure = error
            raise
        self.position += len(piece)
        return piece

    def error(self, codec: Codec, got: str) -> MalformedInputError:
        return MalformedInputError(
            f"the file: expected a whole one in {codec}, got {got} near byte {self.position}"
        )


def _bounded(chunks: Iterator[bytes], compressed: _Pieces) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max(FREE_BYTES, MAX_EXPANSION * compressed.position):
            raise BadFileError(
                f"expected at most {MAX_EXPANSION} bytes out of each compressed one, got {size} "
                f"out of {compressed.position}; upload it as it is"
            )
        yield chunk


def _from_gzip(compressed: _Pieces) -> Iterator[bytes]:
    member, piece = zlib.decompressobj(GZIP_WBITS), compressed.read()
    while piece:
        try:
            chunk = member.decompress(piece, CHUNK_BYTES)
        except zlib.error as error:
            raise compressed.error(Codec.GZIP, "other bytes") from error
        if chunk:
            yield chunk
        piece = member.unconsumed_tail or member.unused_data or compressed.read()
        if member.eof and (piece := _without_padding(piece, compressed)):
            member = zlib.decompressobj(GZIP_WBITS)
    if not member.eof:
        raise compressed.error(Codec.GZIP, "an early end")


def _without_padding(piece: bytes, compressed: _Pieces) -> bytes:
    """What follows a member: zeros may fill up a file."""
    while piece and not (bare := piece.lstrip(b"\0")):
        piece = compressed.read()
    return bare if piece else b""


def _from_zstd(compressed: _Pieces) -> Iterator[bytes]:
    file = pa.PythonFile(compressed, mode="r")
    try:
        with pa.CompressedInputStream(file, Codec.ZSTD.value) as frames:
            while chunk := frames.read(CHUNK_BYTES):
                yield chunk
    except (pa.ArrowException, OSError) as error:
        raise compressed.failure or compressed.error(
            Codec.ZSTD, "other bytes or an early end"
        ) from error
    if not compressed.position:
        raise compressed.error(Codec.ZSTD, "an early end")


_DECOMPRESS = {Codec.GZIP: _from_gzip, Codec.ZSTD: _from_zstd}


class Compressor(Protocol):
    """Compresses to one gzip member or one Zstandard frame."""

    def write(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class CompressedEncoder(Generic[Written]):
    """Compresses what another encoder writes."""

    def __init__(self, encoder: Encoder[Written], codec: Codec) -> None:
        self._encoder = encoder
        self._compressor = compressor(codec)

    def encode(self, data: Written) -> bytes:
        return self._compressor.write(self._encoder.encode(data))

    def finish(self) -> bytes:
        return self._compressor.write(self._encoder.finish()) + self._compressor.finish()


def compressor(codec: Codec) -> Compressor:
    return GzipCompressor() if codec == Codec.GZIP else ZstdCompressor()


class GzipCompressor:
    """Its header has no time in it: equal bytes are compressed to equal ones."""

    def __init__(self) -> None:
        self._member = zlib.compressobj(GZIP_LEVEL, wbits=GZIP_WBITS)

    def write(self, data: bytes) -> bytes:
        return self._member.compress(data)

    def finish(self) -> bytes:
        return self._member.flush()


class ZstdCompressor:
    def __init__(self) -> None:
        self._sink = _Sink()
        self._frame = pa.CompressedOutputStream(self._sink, Codec.ZSTD.value)

    def write(self, data: bytes) -> bytes:
        self._frame.write(data)
        return self._sink.drain()

    def finish(self) -> bytes:
        self._frame.close()
        return self._sink.drain()


class _Sink(io.BytesIO):
    """Stays open until it is drained: pyarrow closes what it has written to."""

    def close(self) -> None: ...

    def drain(self) -> bytes:
        written = self.getvalue()
        self.seek(0)
        self.truncate()
        return written
