"""Zip archives, read by the directory at their end, in ranges.

Positions count, in the order of the directory, the bytes that members take in the archive.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate

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
from formats.zip_directory import HEADER_BYTES, Entry, read_directory

# Members that follow one another are read together, up to so many bytes.
WINDOW_BYTES = 4 * 1024 * 1024

ENCRYPTED = 0x1
HEADER_MAGIC = b"PK\3\4"
# The sizes of a member's name, and of what else is in its header.
_SIZES, _SIZES_AT = struct.Struct("<HH"), 26
MAX_HEADER_BYTES = HEADER_BYTES + 2 * 0xFFFF


class ZipArchive:
    """See Archive. Raises MalformedInputError where there is no directory, BadFileError where
    what it says is out of proportion."""

    def __init__(self, source: RandomAccess) -> None:
        self._source = source
        self._entries = read_directory(source)
        _require_proportion(self._entries, source.size)
        self._offsets = sorted({entry.offset for entry in self._entries})
        sizes = (HEADER_BYTES + entry.packed_size for entry in self._entries)
        self._positions = [*accumulate(sizes, initial=0)]

    def members(self, start: int, stop: int | None) -> Iterator[Member]:
        window = _Window(self._source)
        first = bisect_left(self._positions, start)
        last = len(self._entries) if stop is None else bisect_left(self._positions, stop)
        for index in range(first, last):
            yield self._member(index, window)

    def starts(self) -> Iterator[int]:
        return iter(self._positions[:-1])

    def _member(self, index: int, window: _Window) -> Member:
        entry = self._entries[index]
        member = Member(entry.name, self._positions[index], self._positions[index + 1], 0, None)
        if entry.name.endswith("/") or is_hidden(entry.name):
            return member
        if entry.flags & ENCRYPTED:
            return member._replace(unpack=unusable("a file without a password", "one with"))
        if entry.method not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            got = f"one by method {entry.method}"
            return member._replace(unpack=unusable("a file stored or deflated", got))
        size = max(entry.size, entry.packed_size)
        if size > MAX_MEMBER_BYTES:
            return member._replace(unpack=oversized(size))
        extent = self._extent(entry)
        if not window.holds(extent):
            window.fetch(range(extent.start, self._reach(index)))
        return member._replace(size=size, unpack=partial(_unpack, entry, window.read(extent)))

    def _extent(self, entry: Entry) -> range:
        """Where a member stands: it ends where another begins, for its header's size is told by
        nothing but the header."""
        behind = bisect_right(self._offsets, entry.offset)
        limit = self._offsets[behind] if behind < len(self._offsets) else self._source.size
        longest = entry.offset + MAX_HEADER_BYTES + entry.packed_size
        return range(entry.offset, min(limit, longest))

    def _reach(self, index: int) -> int:
        """The end of the last of the members that follow one another here and fit a window."""
        here = self._extent(self._entries[index])
        reach = here.stop
        for other in range(index + 1, len(self._entries)):
            extent = self._extent(self._entries[other])
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
        self._data = self._source.read(extent.start, extent.stop)

    def read(self, extent: range) -> bytes:
        return self._data[extent.start - self._start : extent.stop - self._start]


def _require_proportion(entries: Sequence[Entry], size: int) -> None:
    packed = sum(entry.packed_size for entry in entries)
    if packed > size:
        raise BadFileError(
            f"expected members that do not overlap, got {packed} bytes of them in {size}"
        )
    unpacked = sum(entry.size for entry in entries)
    if unpacked > max(FREE_BYTES, MAX_EXPANSION * size):
        raise BadFileError(
            f"expected at most {MAX_EXPANSION} bytes out of each compressed one, got {unpacked} "
            f"out of {size}"
        )


def _unpack(entry: Entry, packed: bytes) -> bytes:
    if not packed.startswith(HEADER_MAGIC) or len(packed) < HEADER_BYTES:
        raise _damaged()
    start = HEADER_BYTES + sum(_SIZES.unpack_from(packed, _SIZES_AT))
    content = packed[start : start + entry.packed_size]
    if entry.method == zipfile.ZIP_DEFLATED:
        content = _inflated(content, entry.size)
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise _damaged()
    return content


def _inflated(content: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, size + 1)
    except zlib.error as error:
        raise _damaged() from error


def _damaged() -> UnusableMemberError:
    return UnusableMemberError("a whole file", "a damaged one")
