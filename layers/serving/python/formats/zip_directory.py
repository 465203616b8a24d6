"""The directory at the end of a zip archive: what its members are called, and where they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from formats.errors import BadFileError
from formats.source import RandomAccess
from serving.errors import MalformedInputError

# Of some 200,000 members.
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 30
UTF_8 = 0x800

# Count, size and offset of the directory; of the 64-bit record, they are behind another magic.
_END, END_MAGIC = struct.Struct("<4s6xH2L2x"), b"PK\5\6"
_END_64, END_64_MAGIC = struct.Struct("<4s28x3Q"), b"PK\6\6"
LOCATOR_MAGIC, LOCATOR_BYTES = b"PK\6\7", 20
MAX_COMMENT_BYTES = 0xFFFF
TAIL_BYTES = _END_64.size + LOCATOR_BYTES + _END.size + MAX_COMMENT_BYTES
COUNTED = 0x10000

# Flags, method, CRC, packed size, size, the lengths of name, extra fields and comment, offset.
_ENTRY, ENTRY_MAGIC = struct.Struct("<4s4x2H4x3L3H8xL"), b"PK\1\2"
_EXTRA, ZIP_64_EXTRA = struct.Struct("<2H"), 1
IN_EXTRA = 0xFFFFFFFF


class Entry(NamedTuple):
    name: str
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int


class _End(NamedTuple):
    """`position` is where the directory must end; `counted` is where counts begin again."""

    entries: int
    size: int
    offset: int
    position: int
    counted: int | None


def read_directory(source: RandomAccess) -> list[Entry]:
    """Raises MalformedInputError where there is none, or not all of it, and BadFileError where it
    is too large."""
    tail_start = max(source.size - TAIL_BYTES, 0)
    tail = source.read(tail_start, source.size) if source.size else b""
    try:
        end = _read_end(tail, tail_start)
        start = end.position - end.size
        moved = start - end.offset
        if start < 0 or moved < 0:
            raise _not_whole()
        if end.size > MAX_DIRECTORY_BYTES:
            raise BadFileError(
                f"expected a directory of at most {MAX_DIRECTORY_BYTES} bytes in the zip archive, "
                f"got {end.size}; upload several archives, or a tar archive"
            )
        data = source.read(start, end.position) if end.size else b""
        entries = [entry._replace(offset=entry.offset + moved) for entry in _entries(data)]
    except struct.error as error:
        raise _not_whole() from error
    _require_all(entries, end, start)
    return entries


def _read_end(tail: bytes, tail_start: int) -> _End:
    place = tail.rfind(END_MAGIC)
    if place < 0:
        raise _not_whole()
    _, count, size, offset = _END.unpack_from(tail, place)
    locator = place - LOCATOR_BYTES
    place_64 = locator - _END_64.size
    if place_64 >= 0 and tail.startswith(LOCATOR_MAGIC, locator):
        magic, count_64, size_64, offset_64 = _END_64.unpack_from(tail, place_64)
        if magic == END_64_MAGIC:
            return _End(count_64, size_64, offset_64, tail_start + place_64, None)
    return _End(count, size, offset, tail_start + place, COUNTED)


def _entries(data: bytes) -> Iterator[Entry]:
    place = 0
    while place < len(data):
        magic, flags, method, crc, *sizes, offset = _ENTRY.unpack_from(data, place)
        packed_size, size, name_bytes, extra_bytes, comment_bytes = sizes
        name_at = place + _ENTRY.size
        extra_at = name_at + name_bytes
        place = extra_at + extra_bytes + comment_bytes
        if magic != ENTRY_MAGIC or place > len(data):
            raise _not_whole()
        values = _in_64_bits([size, packed_size, offset], data[extra_at : extra_at + extra_bytes])
        size, packed_size, offset = values
        name = _name(data[name_at:extra_at], flags)
        yield Entry(name, flags, method, crc, packed_size, size, offset)


def _in_64_bits(values: list[int], extra: bytes) -> list[int]:
    """Those that do not fit into 32 bits stand in an extra field, one behind the other."""
    if IN_EXTRA not in values:
        return values
    place = 0
    while place + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, place)
        place += _EXTRA.size
        if kind == ZIP_64_EXTRA:
            large = struct.iter_unpack("<Q", extra[place : place + length // 8 * 8])
            return [next(large, (v,))[0] if v == IN_EXTRA else v for v in values]
        place += length
    return values


def _name(name: bytes, flags: int) -> str:
    """A label, whatever bytes it has. What macOS writes as UTF-8 it does not mark as such."""
    try:
        return name.decode()
    except UnicodeError:
        return name.decode(errors="replace") if flags & UTF_8 else name.decode("cp437")


def _require_all(entries: list[Entry], end: _End, start: int) -> None:
    """Raises MalformedInputError where rows would be lost, or where a member cannot be."""
    got = len(entries) if end.counted is None else len(entries) % end.counted
    if got != end.entries:
        raise MalformedInputError(
            f"the file: expected {end.entries} members, as the zip archive's end says, got "
            f"{len(entries)} in its directory"
        )
    for entry in entries:
        if entry.offset + HEADER_BYTES > start:
            raise MalformedInputError(
                f"the file: expected members before byte {start}, where the zip archive's "
                f"directory begins, got one at {entry.offset}"
            )
    if len({entry.offset for entry in entries}) < len(entries):
        raise BadFileError("expected members that do not overlap, got several at one place")


def _not_whole() -> MalformedInputError:
    return MalformedInputError(
        "the file: expected a zip archive, got other bytes or only a part of one"
    )
