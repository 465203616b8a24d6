"""Batches: the rows of row groups, a bounded number of bytes at a time.

Neighbouring row groups are read at once as far as they fit into a window; one that does not fit is
read column by column, in pieces that together take as much. Texts that are stored once each are
decoded once each, and spelled out for as many rows as there is room for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from formats.parquet_errors import UNREADABLE, damaged
from formats.parquet_footer import Footer
from formats.parquet_input import Read, RowGroupInput, Window
from formats.parquet_row_group import RowGroup
from formats.source import RandomAccess

WINDOW_BYTES = 32 * 1024 * 1024
MIN_BUFFER_BYTES = 256 * 1024
# A batch has as many rows as a model scores well at once, unless they are large.
MAX_ROWS = 16 * 1024
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_TEXT_BYTES = 16 * 1024 * 1024
# INT96, a deprecated timestamp, reaches further than 64 bits of nanoseconds do. Spark, which writes
# it most, knows no finer ones than these.
INT96_UNIT = "us"


class BatchReader:
    """Raises BadFileError where a file is damaged, or a page of it too large to hold."""

    def __init__(self, source: RandomAccess, footer: Footer, most_rows: int = MAX_ROWS) -> None:
        self._source = source
        self._footer = footer
        self._most_rows = most_rows
        try:
            opened = pq.ParquetFile(
                io.BytesIO(), metadata=footer.metadata, coerce_int96_timestamp_unit=INT96_UNIT
            )
            self.schema: pa.Schema = opened.schema_arrow
        except UNREADABLE as error:
            raise damaged("a schema that cannot be read") from error

    def batches(self, indices: range) -> Iterator[pa.RecordBatch]:
        """The rows of neighbouring row groups; no batch has rows of two."""
        for groups in _windows(self._footer.row_groups[indices.start : indices.stop]):
            yield from self._of_window(groups)

    def _of_window(self, groups: Sequence[RowGroup]) -> Iterator[pa.RecordBatch]:
        read, buffer_bytes = self._access(groups)
        for group in groups:
            file = RowGroupInput(read, group, file_size=self._source.size)
            yield from self._of_group(group, file, buffer_bytes)

    def _access(self, groups: Sequence[RowGroup]) -> tuple[Read, int]:
        """How row groups are read, and how many bytes are buffered of each column."""
        start, stop = _extent(groups)
        if stop - start <= WINDOW_BYTES:
            return Window(self._source.read, start, stop).read, 0
        return self._source.read, max(WINDOW_BYTES // len(groups[0].chunks), MIN_BUFFER_BYTES)

    def _of_group(
        self, group: RowGroup, file: RowGroupInput, buffer_bytes: int
    ) -> Iterator[pa.RecordBatch]:
        rows = 0
        try:
            for batch in self._decoded(group, file, buffer_bytes):
                for part in _spelled_out(batch, self.schema):
                    rows += part.num_rows
                    yield part
        except UNREADABLE as error:
            raise file.failure or damaged("pages that cannot be read") from error
        if rows != group.rows:
            raise damaged("columns that end too early")

    def _decoded(
        self, group: RowGroup, file: RowGroupInput, buffer_bytes: int
    ) -> Iterator[pa.RecordBatch]:
        opened = pq.ParquetFile(
            file,
            metadata=self._footer.metadata,
            read_dictionary=self._repeated_texts(group),
            buffer_size=buffer_bytes,
            pre_buffer=False,
            coerce_int96_timestamp_unit=INT96_UNIT,
            page_checksum_verification=True,
            arrow_extensions_enabled=False,
        )
        yield from opened.iter_batches(
            self._batch_rows(group), row_groups=[group.index], use_threads=False
        )

    def _repeated_texts(self, group: RowGroup) -> list[int]:
        """The leaves whose texts are stored once each."""
        stored = enumerate(zip(self._footer.leaves, group.chunks, strict=True))
        return [place for place, (leaf, chunk) in stored if leaf.is_text and chunk.has_dictionary]

    def _batch_rows(self, group: RowGroup) -> int:
        """As many as there is room for if all are alike."""
        decoded_bytes = sum(
            max(chunk.uncompressed_size, chunk.values * leaf.width)
            for leaf, chunk in zip(self._footer.leaves, group.chunks, strict=True)
        )
        row_bytes = decoded_bytes // max(group.rows, 1) + 1
        return max(min(self._most_rows, MAX_ROWS, MAX_BATCH_BYTES // row_bytes), 1)


def _windows(groups: Iterable[RowGroup]) -> Iterator[list[RowGroup]]:
    """Row groups that are read at once."""
    window: list[RowGroup] = []
    for group in groups:
        start, stop = _extent([*window, group])
        if window and stop - start > WINDOW_BYTES:
            yield window
            window = []
        window.append(group)
    if window:
        yield window


def _extent(groups: Sequence[RowGroup]) -> tuple[int, int]:
    return min(group.start for group in groups), max(group.stop for group in groups)


def _spelled_out(batch: pa.RecordBatch, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The batch with the file's types, in as many parts as its texts make necessary."""
    if batch.num_rows > 1 and _text_bytes(batch) > MAX_TEXT_BYTES:
        middle = batch.num_rows // 2
        yield from _spelled_out(batch.slice(0, middle), schema)
        yield from _spelled_out(batch.slice(middle), schema)
    else:
        columns = map(_cast, batch.columns, schema.types)
        yield pa.RecordBatch.from_arrays([*columns], schema=schema)


def _text_bytes(batch: pa.RecordBatch) -> int:
    """What those texts take, spelled out, that are stored once each."""
    texts = [column for column in batch.columns if pa.types.is_dictionary(column.type)]
    sizes = (pc.sum(pc.binary_length(text.dictionary).take(text.indices)) for text in texts)
    return sum(size.as_py() or 0 for size in sizes)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(kind)
