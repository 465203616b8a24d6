"""Shared libraries without their symbol tables: a debugger's, that no loader reads.

What `strip` of binutils does, which the base image lacks: a loader follows the program headers, and
what lies behind the last segment that these name is the section headers and what only they name.
"""

from __future__ import annotations

import struct
from pathlib import Path

# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html: ELF, 64 bits, little-endian.
MAGIC = b"\x7fELF\x02\x01"
PROGRAM_HEADERS_AT, SECTION_HEADERS_AT = 32, 40
PROGRAM_HEADER_SIZES_AT, SECTION_COUNTS_AT = 54, 60
# Within a program header.
SEGMENT_AT, SEGMENT_SIZE_AT = 8, 32


def drop_symbols(packages: Path) -> None:
    for path in packages.rglob("*.so*"):
        binary = path.read_bytes()
        if path.is_file() and binary.startswith(MAGIC):
            path.write_bytes(without_symbols(binary))


def without_symbols(binary: bytes) -> bytes:
    """The same library, for every loader."""
    cut = bytearray(binary[: _end_of_segments(binary)])
    struct.pack_into("<Q", cut, SECTION_HEADERS_AT, 0)
    struct.pack_into("<HH", cut, SECTION_COUNTS_AT, 0, 0)
    return bytes(cut)


def _end_of_segments(binary: bytes) -> int:
    (first,) = struct.unpack_from("<Q", binary, PROGRAM_HEADERS_AT)
    size, count = struct.unpack_from("<HH", binary, PROGRAM_HEADER_SIZES_AT)
    return max(_end(binary, first + number * size) for number in range(count))


def _end(binary: bytes, header: int) -> int:
    (offset,) = struct.unpack_from("<Q", binary, header + SEGMENT_AT)
    (size,) = struct.unpack_from("<Q", binary, header + SEGMENT_SIZE_AT)
    return int(offset + size)
