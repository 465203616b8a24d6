"""Scored batches as a Parquet file: row groups and codecs as the input has them, and dictionaries
where they have made its columns smaller."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from formats.errors import BadFileError
from formats.parquet_errors import UNREADABLE
from formats.parquet_footer import Footer
from formats.parquet_row_group import Chunk

# A row group is held until it is whole; what takes more in memory becomes several.
MAX_HELD_BYTES = 64 * 1024 * 1024
# By their numbers in Parquet; pyarrow writes no other ones.
CODECS = {1: "SNAPPY", 2: "GZIP", 4: "BROTLI", 5: "LZ4", 6: "ZSTD", 7: "LZ4"}
# Mostly each is another one, and a dictionary of them would be given up for its size.
FLOATS = frozenset({"FLOAT", "DOUBLE"})


class Style:
    """How a file is written, as far as its first row group tells.

    `schema` is the output's, which begins with the input's columns. Raises BadFileError where they
    cannot be written.
    """

    def __init__(self, schema: pa.Schema, footer: Footer) -> None:
        self.schema = schema
        self.row_group_stops = frozenset(footer.positions[1:])
        self.options = _options(_leaves(schema), footer)


class ParquetEncoder:
    """Writes a part as a file of its own; `position` is the input's row that it begins with."""

    def __init__(self, style: Style, position: int) -> None:
        self._style = style
        self._position = position
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, style.schema, **style.options)

    def encode(self, data: pa.RecordBatch) -> bytes:
        self._held.append(data)
        self._held_bytes += data.nbytes
        self._position += data.num_rows
        if self._position in self._style.row_group_stops or self._held_bytes > MAX_HELD_BYTES:
            self._write_row_group()
        return self._drain()

    def finish(self) -> bytes:
        self._write_row_group()
        self._writer.close()
        return self._drain()

    def _write_row_group(self) -> None:
        rows = sum(batch.num_rows for batch in self._held)
        if rows:
            with _writable():
                self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=rows)
        self._held, self._held_bytes = [], 0

    def _drain(self) -> bytes:
        """What was written since; the writer itself counts its bytes."""
        written = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return written


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise BadFileError(
            "expected columns that can be written as they were read, got others; cast them to "
            "common types"
        ) from error


def _leaves(schema: pa.Schema) -> list[Any]:
    """The leaf columns that Parquet makes of the schema."""
    sink = io.BytesIO()
    with _writable():
        pq.ParquetWriter(sink, schema).close()
        return [*pq.read_metadata(sink).schema]


def _options(leaves: Sequence[Any], footer: Footer) -> dict[str, Any]:
    """The writer's, by the paths of the leaves. Ours have the codec of the first."""
    if not footer.row_groups:
        return {}
    stored = footer.row_groups[0].chunks
    ours = leaves[len(stored) :]
    codecs = [CODECS.get(chunk.codec, "NONE") for chunk in stored]
    repeating = [*map(Chunk.gains_by_dictionary, stored, footer.leaves)]
    repeating += [leaf.physical_type not in FLOATS for leaf in ours]
    paths = [leaf.path for leaf in leaves]
    return {
        "compression": dict(zip(paths, codecs + codecs[:1] * len(ours), strict=True)),
        "use_dictionary": [*compress(paths, repeating)],
    }
