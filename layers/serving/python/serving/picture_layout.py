"""What the file of a picture says before any pixel is decoded, and which parts of it pixels need.

Decoders are given nothing else: what they make of comments, profiles and the like has no bounds.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

# Some encoders write PNG in pieces of 4 KiB, and a file has up to 32 MiB.
MAX_CHUNKS = 10_000
# A segment of JPEG has up to 64 KiB; a scan comes with one or a few for its tables.
MAX_SEGMENTS = 1_000

PNG_START, JPEG_START, RIFF_BYTES = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", 12
PNG_PIXELS = {b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_PNG_CHUNK, _RIFF_CHUNK = struct.Struct(">I4s"), struct.Struct("<4sI")
_PNG_SIZE, _JPEG_SIZE = struct.Struct(">II"), struct.Struct(">HH")
PNG_SIZE_AT = 16

# Behind fill bytes and what else is between segments, other than a byte of pixels or a restart.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
TEM, SOI, EOI, SOS, COM = 0x01, 0xD8, 0xD9, 0xDA, 0xFE
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SEQUENTIAL = {0xC0, 0xC1}
EXIF_APP = 0xE1
# JFIF and Adobe say what the channels are; the other applications' segments say nothing of pixels.
NEEDLESS = {COM, *range(0xE1, 0xF0)} - {0xEE}

EXIF = b"Exif\0\0"
ORIENTATION, SHORT = 0x0112, 3
ENTRY_BYTES = 12
BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


class Layout(NamedTuple):
    """`pieces` together are a file of the same pixels. It has more `parts`, chunks or segments,
    than are read where there are more than `most_parts`. Each of a JPEG's scans goes over all
    pixels."""

    width: int
    height: int
    pieces: tuple[memoryview, ...]
    parts: int
    most_parts: int
    scans: int = 1
    exif: bytes = b""

    @property
    def orientation(self) -> int | None:
        """None where there is no telling."""
        try:
            return _orientation(self.exif.removeprefix(EXIF))
        except struct.error:
            return None


def read_layout(data: bytes) -> Layout | None:
    """None where a file that begins as a PNG, JPEG or WebP image does not go on as one."""
    try:
        if data.startswith(PNG_START):
            return _png(data)
        return _jpeg(data) if data.startswith(JPEG_START) else _webp(data)
    except struct.error:
        return None


def _png(data: bytes) -> Layout:
    view = memoryview(data)
    width, height = _PNG_SIZE.unpack_from(data, PNG_SIZE_AT)
    place = len(PNG_START) + 25
    pieces, exif, parts, kind = [view[:place]], b"", 1, b"IHDR"
    while kind != b"IEND" and place < len(data) and parts <= MAX_CHUNKS:
        size, kind = _PNG_CHUNK.unpack_from(data, place)
        stop = place + size + 12
        if kind in PNG_PIXELS:
            pieces.append(view[place:stop])
        elif kind == b"eXIf":
            exif = data[place + 8 : stop - 4]
        place, parts = stop, parts + 1
    return Layout(width, height, tuple(pieces), parts, MAX_CHUNKS, exif=exif)


def _webp(data: bytes) -> Layout | None:
    """All of it is given to the decoder, which looks for what it needs."""
    size = _webp_size(data)
    place, exif, parts = RIFF_BYTES, b"", 0
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while place + 8 <= end and parts <= MAX_CHUNKS:
        kind, length = _RIFF_CHUNK.unpack_from(data, place)
        if kind == b"EXIF":
            exif = data[place + 8 : place + 8 + length]
        place, parts = place + 8 + length + length % 2, parts + 1
    return size and Layout(*size, (memoryview(data),), parts, MAX_CHUNKS, exif=exif)


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """By the first chunk: of the canvas, of a picture without losses, of one with them."""
    match data[12:16]:
        case b"VP8X":
            width, height = data[24:27], data[27:30]
            return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
    return None


class _Segment(NamedTuple):
    marker: int
    start: int
    stop: int


def _jpeg(data: bytes) -> Layout:
    view = memoryview(data)
    pieces, exif, parts = [view[: len(JPEG_START)]], b"", 0
    frame: _Segment | None = None
    place = len(JPEG_START)
    while (segment := _segment(data, place)) and parts <= MAX_SEGMENTS:
        place, parts = segment.stop, parts + 1
        if segment.marker == SOS:
            break
        frame = segment if segment.marker in FRAMES else frame
        content = data[segment.start + 4 : segment.stop] if segment.marker == EXIF_APP else b""
        exif = exif or (content if content.startswith(EXIF) else b"")
        if segment.marker not in NEEDLESS:
            pieces.append(view[segment.start : segment.stop])
    height, width = _JPEG_SIZE.unpack_from(data, frame.start + 5) if frame else (0, 0)
    scans = 1
    if segment and frame and not _is_in_one_scan(data, frame, segment):
        scans, more = _count(data, place)
        parts += more
    pieces.append(view[segment.start :] if segment else view[:0])
    return Layout(width, height, tuple(pieces), parts, MAX_SEGMENTS, scans, exif)


def _segment(data: bytes, place: int) -> _Segment | None:
    """The next one; None at the end. What stands alone has no place of its own in the file."""
    while (found := _MARKER.search(data, place)) is not None:
        marker, start = found[1][0], found.start()
        if marker == EOI:
            return None
        if marker not in {TEM, SOI}:
            [length] = struct.unpack_from(">H", data, start + 2)
            return _Segment(marker, start, start + 2 + length)
        place = found.end()
    return None


def _is_in_one_scan(data: bytes, frame: _Segment, scan: _Segment) -> bool:
    """Whether the first scan has all channels whole: then decoders take no other."""
    channels = data[frame.start + 9]
    return frame.marker in SEQUENTIAL and data[scan.start + 4] == channels


def _count(data: bytes, place: int) -> tuple[int, int]:
    """How many scans there are, with one before `place`, and how many segments behind it."""
    scans, segments = 1, 0
    while (segment := _segment(data, place)) and segments <= MAX_SEGMENTS:
        scans += segment.marker == SOS
        place, segments = segment.stop, segments + 1
    return scans, segments


def _orientation(tiff: bytes) -> int | None:
    order = BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return None
    [directory] = struct.unpack_from(f"{order}I", tiff, 4)
    [entries] = struct.unpack_from(f"{order}H", tiff, directory)
    entry = struct.Struct(f"{order}HHIH")
    for number in range(entries):
        tag, kind, _, value = entry.unpack_from(tiff, directory + 2 + ENTRY_BYTES * number)
        if (tag, kind) == (ORIENTATION, SHORT):
            return int(value)
    return None
