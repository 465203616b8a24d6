"""Pages: what a column's bytes say of themselves, checked before they are decompressed.

Each page follows its header, a struct in Thrift's compact protocol.
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from formats.errors import BadFileError
from formats.parquet_errors import damaged
from formats.parquet_row_group import Chunk
from formats.parquet_thrift import CompactReader, Struct, ThriftError

# Writers aim at 1 MiB, but some cut only between many rows, however large.
MAX_PAGE_BYTES = 128 * 1024 * 1024
MAX_HEADER_BYTES = 1024 * 1024

# Fields of a page header, and of a data page's own.
_UNCOMPRESSED_SIZE, _COMPRESSED_SIZE = 2, 3
_DATA_PAGES = (5, 8)  # either version
_VALUES = 1


class PageCheck:
    """Follows a column chunk as it is read."""

    def __init__(self, chunk: Chunk) -> None:
        self._size = chunk.stop - chunk.start
        self._values = chunk.values
        self._page = 0
        self._header = b""

    @property
    def is_done(self) -> bool:
        return not self._size

    def feed(self, data: memoryview) -> None:
        """Take the chunk's next bytes; raises BadFileError at a page that is too large to hold, or
        has more in it than the footer says."""
        data = data[: self._size]
        self._size -= len(data)
        # Behind the last value nothing is decoded.
        while data and (self._page or self._values):
            skipped = min(self._page, len(data))
            self._page -= skipped
            data = data[skipped:]
            if data:
                data = self._behind_header(data)

    def _behind_header(self, data: memoryview) -> memoryview:
        held = len(self._header)
        reader = CompactReader(self._header + bytes(data) if held else data)
        try:
            header = reader.struct()
            self._page = self._size_of(header)
            self._count(header)
        except IndexError:
            self._hold(data)
            return data[len(data) :]
        except ThriftError as error:
            raise damaged("a page with a header that is none") from error
        self._header = b""
        return data[reader.position - held :]

    def _hold(self, data: memoryview) -> None:
        """The header goes on in what is read next."""
        if len(self._header) + len(data) > MAX_HEADER_BYTES:
            raise damaged("a page with a header that does not end")
        self._header += bytes(data)

    def _size_of(self, header: Struct) -> int:
        size = header.integer(_COMPRESSED_SIZE)
        largest = max(size, header.integer(_UNCOMPRESSED_SIZE))
        if size < 0:
            raise damaged("a page of less than no bytes")
        if largest > MAX_PAGE_BYTES:
            raise BadFileError(
                f"expected pages of at most {MAX_PAGE_BYTES} bytes, got {largest}; write the file "
                "with smaller pages"
            )
        return size

    def _count(self, header: Struct) -> None:
        for kind in _DATA_PAGES:
            if kind in header:
                values = header.struct(kind).integer(_VALUES)
                if not 0 <= values <= self._values:
                    raise damaged("a page with more values than its column")
                self._values -= values
