"""Zip archives, read by the directory at their end, in ranges.

Positions count, in the order of the directory, the bytes that members take in the archive.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from zipfile import ZipInfo

from formats.archive import (
    MAX_MEMBER_BYTES,
    Member,
    UnusableMemberError,
    is_hidden,
    oversized,
    unusable,
)
from formats.compression import FREE_BYTES, MAX_EXPANSION
from formats.errors import BadFileError
from formats.source import RandomAccess
from serving.errors import MalformedInputError

# Of some 200,000 members, which zipfile holds in 100 MB.
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
# Members that follow one another are read together, up to so many bytes.
WINDOW_BYTES = 4 * 1024 * 1024

ENCRYPTED, UTF_8 = 0x1, 0x800
HEADER_MAGIC, HEADER_BYTES = b"PK\3\4", 30
# The sizes of a member's name, and of what else is in its header.
_SIZES, _SIZES_AT = struct.Struct("<HH"), 26
MAX_HEADER_BYTES = HEADER_BYTES + 2 * 0xFFFF


class ZipArchive:
    """See Archive. Raises MalformedInputError where there is no directory, BadFileError where
    what it says is out of proportion."""

    def __init__(self, source: RandomAccess) -> None:
        self._source = source
        self._infos = _read_directory(source)
        self._offsets = sorted({info.header_offset for info in self._infos})
        sizes = (HEADER_BYTES + info.compress_size for info in self._infos)
        self._positions = [*accumulate(sizes, initial=0)]

    def members(self, start: int, stop: int | None) -> Iterator[Member]:
        window = _Window(self._source)
        first = bisect_left(self._positions, start)
        last = len(self._infos) if stop is None else bisect_left(self._positions, stop)
        for index in range(first, last):
            yield self._member(index, window)

    def starts(self) -> Iterator[int]:
        return iter(self._positions[:-1])

    def _member(self, index: int, window: _Window) -> Member:
        info = self._infos[index]
        name = _name(info)
        member = Member(name, self._positions[index], self._positions[index + 1], 0, None)
        if info.is_dir() or is_hidden(name):
            return member
        if info.flag_bits & ENCRYPTED:
            return member._replace(unpack=unusable("a file without a password", "one with"))
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            got = f"one by method {info.compress_type}"
            return member._replace(unpack=unusable("a file stored or deflated", got))
        size = max(info.file_size, info.compress_size)
        if size > MAX_MEMBER_BYTES:
            return member._replace(unpack=oversized(size))
        extent = self._extent(info)
        if not window.holds(extent):
            window.fetch(range(extent.start, self._reach(index)))
        return member._replace(size=size, unpack=partial(_unpack, info, window.read(extent)))

    def _extent(self, info: ZipInfo) -> range:
        """Where a member stands: it ends where another begins, for its header's size is told by
        nothing but the header."""
        behind = bisect_right(self._offsets, info.header_offset)
        limit = self._offsets[behind] if behind < len(self._offsets) else self._source.size
        longest = info.header_offset + MAX_HEADER_BYTES + info.compress_size
        return range(info.header_offset, min(limit, longest))

    def _reach(self, index: int) -> int:
        """The end of the last of the members that follow one another here and fit a window."""
        here = self._extent(self._infos[index])
        reach = here.stop
        for other in range(index + 1, len(self._infos)):
            extent = self._extent(self._infos[other])
            if extent.start != reach or extent.stop - here.start > WINDOW_BYTES:
                break
            reach = extent.stop
        return reach


class _Window:
    """A stretch of the archive, read at once."""

    def __init__(self, source: RandomAccess) -> None:
        self._source = source
        self._start = 0
        self._data = b""

    def holds(self, extent: range) -> bool:
        return self._start <= extent.start and extent.stop <= self._start + len(self._data)

    def fetch(self, extent: range) -> None:
        self._start = extent.start
        self._data = self._source.read(extent.start, extent.stop) if extent else b""

    def read(self, extent: range) -> bytes:
        return self._data[extent.start - self._start : extent.stop - self._start]


def _read_directory(source: RandomAccess) -> Sequence[ZipInfo]:
    file = _Ranges(source)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except Exception as error:  # zipfile raises whatever it stumbles over
        raise file.failure or MalformedInputError(
            "the file: expected a zip archive, got other bytes or only a part of one"
        ) from error
    _require_proportion(infos, source.size)
    return infos


def _require_proportion(infos: Sequence[ZipInfo], size: int) -> None:
    packed = sum(info.compress_size for info in infos)
    if packed > size:
        raise BadFileError(
            f"expected members that do not overlap, got {packed} bytes of them in {size}"
        )
    unpacked = sum(info.file_size for info in infos)
    if unpacked > max(FREE_BYTES, MAX_EXPANSION * size):
        raise BadFileError(
            f"expected at most {MAX_EXPANSION} bytes out of each compressed one, got {unpacked} "
            f"out of {size}"
        )


class _Ranges(io.RawIOBase):
    """The source as a file for zipfile. `failure` is what reading raised, which zipfile may take
    for a fault of the archive."""

    def __init__(self, source: RandomAccess) -> None:
        super().__init__()
        self._source = source
        self._position = 0
        self.failure: Exception | None = None

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._source.size}
        self._position = origins[whence] + offset
        if self._position < 0:
            raise OSError("expected a place in the file, got one before it")
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        left = max(self._source.size - self._position, 0)
        wanted = left if size < 0 else min(size, left)
        try:
            data = self._read(wanted)
        except Exception as error:
            self.failure = error
            raise
        self._position += len(data)
        return data

    def _read(self, size: int) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise BadFileError(
                f"expected a directory of at most {MAX_DIRECTORY_BYTES} bytes in the zip archive, "
                f"got {size}; upload several archives, or a tar archive"
            )
        return self._source.read(self._position, self._position + size) if size else b""


def _name(info: ZipInfo) -> str:
    """What macOS writes as UTF-8 it does not mark as such."""
    if info.flag_bits & UTF_8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _unpack(info: ZipInfo, packed: bytes) -> bytes:
    if not packed.startswith(HEADER_MAGIC) or len(packed) < HEADER_BYTES:
        raise _damaged()
    start = HEADER_BYTES + sum(_SIZES.unpack_from(packed, _SIZES_AT))
    content = packed[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_DEFLATED:
        content = _inflated(content, info.file_size)
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise _damaged()
    return content


def _inflated(content: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size + 1)
    except zlib.error as error:
        raise _damaged() from error


def _damaged() -> UnusableMemberError:
    return UnusableMemberError("a whole file", "a damaged one")
