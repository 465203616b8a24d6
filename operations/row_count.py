"""The rows of a scored file, counted by the rules under which they were scored."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from formats.csv_boundaries import record_ends
from formats.csv_rows import CsvRows
from formats.parquet_footer import MAGIC, TRAILER_BYTES
from formats.row_file import Span
from formats.text_blocks import blocks_of
from operations.checked_object import CheckedObject
from operations.decompression import CODECS, decompressed
from operations.errors import BrokenOutputError
from serving.errors import InvalidInputError
from serving.lines import BOM, lines_of


def count_rows(scored: CheckedObject) -> int:
    """Reads the object to its end. Raises BrokenOutputError where it is not what its key says."""
    name = PurePosixPath(scored.key.lower())
    if name.suffix == ".parquet":
        return _parquet_rows(scored)
    chunks = scored.stream()
    if name.suffix in CODECS:
        chunks, name = decompressed(chunks, CODECS[name.suffix]), name.with_suffix("")
    if name.suffix not in _TEXTS:
        raise BrokenOutputError("expected a key that ends as a format does")
    try:
        return _TEXTS[name.suffix](chunks)
    except InvalidInputError as error:
        raise BrokenOutputError(str(error)) from error


def _csv_rows(chunks: Iterable[bytes]) -> int:
    """Blank lines are no rows, and neither is the header."""
    blocks = blocks_of(_without_bom(chunks), Span(0, None), record_ends)
    records = sum(len(CsvRows(block.body)) for block in blocks)
    if not records:
        raise BrokenOutputError("expected a header, got none")
    return records - 1


def _without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A quote behind it opens the first cell."""
    chunks = iter(chunks)
    yield next(chunks, b"").removeprefix(BOM.encode())
    yield from chunks


def _json_lines_rows(chunks: Iterable[bytes]) -> int:
    return sum(1 for line in lines_of(chunks) if not line.isspace())


_TEXTS: dict[str, Callable[[Iterable[bytes]], int]] = {
    ".csv": _csv_rows,
    ".jsonl": _json_lines_rows,
    # A picture's one row, as a line.
    ".json": _json_lines_rows,
}


def _parquet_rows(scored: CheckedObject) -> int:
    deque(scored.stream(), maxlen=0)  # for its hash
    try:
        rows: int = pq.read_metadata(io.BytesIO(MAGIC + _footer(scored))).num_rows
    except (pa.ArrowException, OSError) as error:
        raise BrokenOutputError("expected a Parquet file, got something else") from error
    return rows


def _footer(scored: CheckedObject) -> bytes:
    """With what is behind it: its size, and the magic."""
    trailer = scored.read(max(scored.size - TRAILER_BYTES, 0), scored.size)
    size = int.from_bytes(trailer[: -len(MAGIC)], "little")
    return scored.read(max(scored.size - TRAILER_BYTES - size, 0), scored.size)
