"""Parquet files: every column carried along with its type, then the predictions, then `error`.

`error` is null for a good row, and the predictions are for a bad one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from formats.block import Scored, first_faults, most_rows, score_feeds
from formats.names import error_name, require_distinct
from formats.parquet_batches import BatchReader
from formats.parquet_columns import require_columns
from formats.parquet_encoder import ParquetEncoder, Style
from formats.parquet_feeds import fill_from_parquet
from formats.parquet_footer import read_footer
from formats.parquet_predictions import OutputColumns
from formats.row_file import Block, ScoredBlock, Span
from formats.source import RandomAccess
from serving.model import Model

# Spark and Avro take a file's columns from these, and would not see ours.
STALE_METADATA = frozenset(
    {b"org.apache.spark.sql.parquet.row.metadata", b"parquet.avro.schema", b"avro.schema"}
)


class ParquetFile:
    """See RowFile. Positions count rows."""

    def __init__(self, source: RandomAccess, model: Model) -> None:
        self._model = model
        self._footer = read_footer(source)
        self._reader = BatchReader(source, self._footer, most_rows(model.columns))
        require_columns(self._reader.schema, model.columns)
        self._outputs = [OutputColumns(output, model.card) for output in model.outputs]
        schema = _extended(self._reader.schema, self._added())
        self._style = Style(schema, self._footer)

    def spans(self, size_bytes: int) -> Iterator[Span]:
        """Row groups stay whole, however large one is."""
        start = size = 0
        for position, group in zip(self._footer.positions, self._footer.row_groups, strict=False):
            if size >= size_bytes and position > start:
                yield Span(start, position)
                start, size = position, 0
            size += group.size
        yield Span(start, None)

    def blocks(self, span: Span) -> Iterator[Block[pa.RecordBatch]]:
        """Where a span begins within a row group, the rows before it are decoded and dropped."""
        positions = self._footer.positions
        stop = positions[-1] if span.stop is None else span.stop
        first, last = bisect_right(positions, span.start) - 1, bisect_left(positions, stop)
        position = positions[first]
        for batch in self._reader.batches(range(first, last)):
            begin, end = max(position, span.start), min(position + batch.num_rows, stop)
            if begin < end:
                yield Block(begin, end, batch.slice(begin - position, end - begin))
            position += batch.num_rows
            if position >= stop:
                return

    def score(self, block: Block[pa.RecordBatch]) -> ScoredBlock[pa.RecordBatch]:
        batch = block.body
        filled = fill_from_parquet(batch, self._model.columns)
        faults = first_faults(filled.faults)
        scored = score_feeds(filled.feeds, batch.num_rows, faults, self._model)
        columns = [*batch.columns, *self._predictions(scored), _errors(scored)]
        data = pa.RecordBatch.from_arrays(columns, schema=self._style.schema)
        return ScoredBlock(data, scored.counts, scored.errors)

    def encoder(self, start: int) -> ParquetEncoder:
        return ParquetEncoder(self._style, start)

    def _added(self) -> list[pa.Field]:
        predictions = [field for output in self._outputs for field in output.fields]
        return [*predictions, pa.field(error_name(self._model.card), pa.string())]

    def _predictions(self, scored: Scored) -> list[pa.Array]:
        if not scored.good:
            return [pa.nulls(scored.length, field.type) for field in self._added()[:-1]]
        predictions = [
            column
            for output in self._outputs
            for column in output.arrays(scored.values[output.name])
        ]
        if not scored.faults:
            return predictions
        places = np.full(scored.length, -1)
        places[scored.good] = np.arange(len(scored.good))
        return [column.take(pa.array(places, mask=places < 0)) for column in predictions]


def _extended(schema: pa.Schema, added: Sequence[pa.Field]) -> pa.Schema:
    require_distinct([field.name for field in added], beside=schema.names)
    metadata = schema.metadata or {}
    kept = {key: value for key, value in metadata.items() if key not in STALE_METADATA}
    return pa.schema([*schema, *added], kept or None)


def _errors(scored: Scored) -> pa.Array:
    if not scored.faults:
        return pa.nulls(scored.length, pa.string())
    faults = map(scored.faults.get, range(scored.length))
    return pa.array([None if fault is None else str(fault) for fault in faults], pa.string())
