"""Text files in memory, scored as a delivery does it: block by block, or span by span."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from delivery.tally import Tally
from formats import text_blocks
from formats.errors import BadFileError
from formats.row_file import RowFile, Span

WHOLE = Span(0, None)


class MemoryText:
    """Bytes in chunks of any size."""

    def __init__(self, data: bytes, chunk_bytes: int = 999) -> None:
        self._data = data
        self._chunk_bytes = chunk_bytes

    def stream(self, start: int = 0) -> Iterator[bytes]:
        for place in range(start, len(self._data), self._chunk_bytes):
            yield self._data[place : place + self._chunk_bytes]


def scored(file: RowFile[Any, bytes], tally: Tally | None = None, *, span: Span = WHOLE) -> bytes:
    """What is written for a span. A BadFileError names the row within it, as `row`."""
    tally = tally or Tally()
    encoder = file.encoder(span.start)
    written = []
    for block in file.blocks(span):
        try:
            result = file.score(block)
        except BadFileError as error:
            row = None if error.row is None else tally.rows.total + error.row
            raise BadFileError(str(error), row=row) from error
        tally.add(result.rows, result.errors)
        written.append(encoder.encode(result.data))
    return b"".join([*written, encoder.finish()])


def scored_by_spans(file: RowFile[Any, bytes], spans: Iterable[Span], tally: Tally) -> bytes:
    return b"".join(scored(file, tally, span=span) for span in spans)


def set_block_limits(
    patch: pytest.MonkeyPatch, *, size_bytes: int = 2**20, records: int = 2**14
) -> None:
    patch.setattr(text_blocks, "BLOCK_BYTES", size_bytes)
    patch.setattr(text_blocks, "BLOCK_RECORDS", records)
