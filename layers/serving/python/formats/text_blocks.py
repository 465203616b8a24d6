"""Text cut into blocks of whole records, and into spans of whole blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from formats.byte_stream import ByteStream
from formats.csv_boundaries import Positions
from formats.row_file import Block, Span
from serving.errors import MalformedInputError

BLOCK_BYTES = 1024 * 1024
# Rows of a few bytes each may have predictions of many.
BLOCK_RECORDS = 16 * 1024
MAX_RECORD_BYTES = 8 * 1024 * 1024

# The places behind the records in data that begins with one; what is behind the last is no whole
# record, or not known to be one.
FindEnds = Callable[[bytes], Positions]


@dataclass(frozen=True, slots=True)
class Records:
    """Consecutive whole records, and the places behind each of them."""

    data: bytes
    ends: Positions


def blocks_of(
    chunks: Iterable[bytes], span: Span, find_ends: FindEnds, most_rows: int = BLOCK_RECORDS
) -> Iterator[Block[Records]]:
    """The blocks of a span, of which `chunks` are the bytes from its start on.

    Raises MalformedInputError at a record of more than MAX_RECORD_BYTES, and at a quote that never
    closes.
    """
    stream = ByteStream(chunks, None if span.stop is None else span.stop - span.start)
    start, rest, size = span.start, b"", BLOCK_BYTES
    while window := stream.read(size, behind=rest):
        ends = find_ends(window)
        if len(window) < size:
            ends = _with_the_last(ends, window, start, find_ends)
        elif not len(ends) and size > MAX_RECORD_BYTES:
            raise MalformedInputError(
                f"byte {start}: expected records of up to {MAX_RECORD_BYTES} bytes, got a longer "
                "one; is there a quote that never closes?"
            )
        for records in _grouped(window, ends, min(most_rows, BLOCK_RECORDS)):
            stop = start + len(records.data)
            yield Block(start, stop, records)
            start = stop
        rest = window[ends[-1] :] if len(ends) else window
        size = max(BLOCK_BYTES, min(2 * len(rest), MAX_RECORD_BYTES + 1))


def spans_of(blocks: Iterable[Block[Records]], size_bytes: int) -> Iterator[Span]:
    """The spans that blocks of a whole file make up; see RowFile.spans."""
    start = 0
    for block in blocks:
        if block.start - start >= size_bytes:
            yield Span(start, block.start)
            start = block.start
    yield Span(start, None)


def require_utf_8(block: Block[Records]) -> None:
    """Raises MalformedInputError, saying where in the file."""
    try:
        block.body.data.decode()
    except UnicodeDecodeError as error:
        place = block.stop - len(block.body.data) + error.start
        raise MalformedInputError(
            f"expected UTF-8 text, got other bytes near byte {place}"
        ) from error


def _with_the_last(ends: Positions, window: bytes, start: int, find_ends: FindEnds) -> Positions:
    """With the end of a last record that has no line feed."""
    begin = int(ends[-1]) if len(ends) else 0
    if begin == len(window):
        return ends
    if not len(find_ends(window[begin:] + b"\n")):
        raise MalformedInputError(
            f"byte {start + begin}: expected a closing quote before the end, got none"
        )
    return np.append(ends, len(window))


def _grouped(window: bytes, ends: Positions, most: int) -> Iterator[Records]:
    begin = 0
    for first in range(0, len(ends), most):
        mine = ends[first : first + most]
        yield Records(window[begin : mine[-1]], mine - begin)
        begin = int(mine[-1])
