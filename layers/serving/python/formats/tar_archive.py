"""Tar archives, read from the beginning to the end. Positions are offsets in bytes."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from functools import partial
from tarfile import TarInfo

from formats.archive import MAX_MEMBER_BYTES, Member, is_hidden, oversized, unusable
from formats.byte_stream import ByteStream
from formats.source import Text
from serving.errors import MalformedInputError

BLOCK_BYTES = tarfile.BLOCKSIZE
SKIPPED_AT_ONCE = 1024 * 1024
# Names and attributes of a member that did not fit into its own header.
MAX_EXTENSION_BYTES = 1024 * 1024
MAX_EXTENSIONS = 16
MAX_RECORDS = 1000
MAX_DIGITS = 19

_PAX = {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}
_EXTENSIONS = {*_PAX, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
# Their size says nothing of what follows.
_WITHOUT_CONTENT = {
    *(tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE),
    *(tarfile.DIRTYPE, tarfile.FIFOTYPE),
}


class TarArchive:
    """See Archive. Other than tarfile, it takes nothing but zeros up to the end of the file for the
    end: what is damaged or cut off would lose rows."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def members(self, start: int, stop: int | None) -> Iterator[Member]:
        stream = _Stream(self._text.stream(start), start)
        while stop is None or stream.position < stop:
            begin, header = stream.position, _read_header(stream)
            if header is None:
                return
            member = _read_member(stream, header)
            yield member._replace(start=begin, stop=stream.position)

    def starts(self) -> Iterator[int]:
        stream = _Stream(self._text.stream(), 0)
        begin = 0
        while (header := _read_header(stream)) is not None:
            yield begin
            stream.skip(_content_blocks(header))
            begin = stream.position


class _Stream:
    """Knows its position in the archive."""

    def __init__(self, chunks: Iterable[bytes], position: int) -> None:
        self._bytes = ByteStream(chunks, None)
        self.position = position

    def read(self, size: int) -> bytes:
        """Raises MalformedInputError where there are fewer bytes."""
        data = self._bytes.read(size)
        self.position += len(data)
        if len(data) < size:
            raise MalformedInputError(
                f"byte {self.position}: expected a whole tar archive, got the end of the file"
            )
        return data

    def require_zeros(self) -> None:
        """To the end of the file. Raises MalformedInputError at anything else."""
        while data := self._bytes.read(SKIPPED_AT_ONCE):
            if data.strip(b"\0"):
                raise self.error("nothing behind the mark of the end")
            self.position += len(data)

    def skip(self, size: int) -> None:
        for begin in range(0, size, SKIPPED_AT_ONCE):
            self.read(min(SKIPPED_AT_ONCE, size - begin))

    def error(self, expected: str) -> MalformedInputError:
        return MalformedInputError(
            f"byte {self.position}: expected {expected} in the tar archive, got something else"
        )


def _read_header(stream: _Stream) -> TarInfo | None:
    """The header of the next member, with what extensions before it say; None at the end."""
    extended = _Extended()
    while (header := _read_block(stream)) is not None and header.type in _EXTENSIONS:
        extended.add(stream, header)
    if header is not None:
        header.name = extended.name or header.name
        header.size = header.size if extended.size is None else extended.size
    elif extended.count:
        raise stream.error("a file behind its extended header")
    else:
        stream.require_zeros()
    return header


class _Extended:
    """What extensions say of the member behind them."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.size: int | None = None
        self.count = 0
        self._bytes = 0

    def add(self, stream: _Stream, header: TarInfo) -> None:
        self.count += 1
        self._bytes += header.size
        if self._bytes > MAX_EXTENSION_BYTES or self.count > MAX_EXTENSIONS:
            raise stream.error(
                f"at most {MAX_EXTENSIONS} extended headers of {MAX_EXTENSION_BYTES} bytes in all"
            )
        content = stream.read(_blocks(header.size))[: header.size]
        if header.type == tarfile.GNUTYPE_LONGNAME:
            self.name = _text(content.rstrip(b"\0"))
        elif header.type in _PAX:
            records = dict(_pax_records(stream, content))
            self.name = records.get("path", self.name)
            if "size" in records:
                self.size = _number(stream, records["size"])


def _read_block(stream: _Stream) -> TarInfo | None:
    position, block = stream.position, stream.read(BLOCK_BYTES)
    if not block.strip(b"\0"):
        return None
    try:
        header = TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.HeaderError as error:
        raise MalformedInputError(
            f"byte {position}: expected the header of a file in a tar archive, got other bytes"
        ) from error
    if header.size < 0 or header.type == tarfile.GNUTYPE_SPARSE:
        raise stream.error("a file as it is, not a sparse one,")
    return header


def _pax_records(stream: _Stream, data: bytes) -> Iterator[tuple[str, str]]:
    """Each is its own length, a key and a value: "30 path=a/b\\n"."""
    start = 0
    for _ in range(MAX_RECORDS):
        if start == len(data):
            return
        digits = data[start : start + MAX_DIGITS + 1].partition(b" ")[0]
        stop = start + _number(stream, _text(digits))
        key, separator, value = data[start + len(digits) + 1 : stop].partition(b"=")
        if not separator or stop > len(data):
            raise stream.error("a record of a header")
        yield _text(key), _text(value.removesuffix(b"\n"))
        start = stop
    raise stream.error(f"at most {MAX_RECORDS} records of a header")


def _number(stream: _Stream, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
        raise stream.error("a number in a header")
    return int(text)


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _read_member(stream: _Stream, header: TarInfo) -> Member:
    """Its place is not known here."""
    member = Member(header.name, 0, 0, 0, None)
    content_bytes = _content_blocks(header)
    if header.isdir() or is_hidden(header.name):
        stream.skip(content_bytes)
        return member
    if not header.isreg():
        stream.skip(content_bytes)
        return member._replace(unpack=unusable("a file", "a link or the like"))
    if header.size > MAX_MEMBER_BYTES:
        stream.skip(content_bytes)
        return member._replace(unpack=oversized(header.size))
    content = stream.read(content_bytes)[: header.size]
    return member._replace(size=header.size, unpack=partial(bytes, content))


def _content_blocks(header: TarInfo) -> int:
    return 0 if header.type in _WITHOUT_CONTENT else _blocks(header.size)


def _blocks(size: int) -> int:
    """In whole blocks, in bytes."""
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES
