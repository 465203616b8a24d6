"""The file that pyarrow reads a row group from: ranges of a source, each page checked."""

from __future__ import annotations

import io
from collections.abc import Callable

from formats.parquet_pages import PageCheck
from formats.parquet_row_group import RowGroup

# The bytes from an offset up to another.
Read = Callable[[int, int], bytes | memoryview]


class Window:
    """A stretch of a file, read at once and held."""

    def __init__(self, read: Read, start: int, stop: int) -> None:
        self._start = start
        self._content = memoryview(read(start, stop))

    def read(self, start: int, stop: int) -> memoryview:
        return self._content[start - self._start : stop - self._start]


class RowGroupInput(io.RawIOBase):
    """Raises BadFileError at a page that no decoder should see. `failure` is what reading raised,
    which pyarrow passes on: its own errors may be of the same types."""

    def __init__(self, read: Read, group: RowGroup, *, file_size: int) -> None:
        super().__init__()
        self._read = read
        self._file_size = file_size
        self._position = 0
        # By the offset where each goes on: a chunk is read from its start to its end.
        self._checks = {chunk.start: PageCheck(chunk) for chunk in group.chunks}
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        # pyarrow asks for the file's size by its end.
        self._position = offset + (self._file_size if whence == io.SEEK_END else 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes | memoryview:
        start = self._position
        try:
            data = self._read(start, start + size)
        except Exception as error:
            self.failure = error
            raise
        self._position += len(data)
        if check := self._checks.pop(start, None):
            check.feed(memoryview(data))
            if not check.is_done:
                self._checks[self._position] = check
        return data
