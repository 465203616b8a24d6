"""Parquet files in memory, every read of which a test can see."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from formats.parquet_file import ParquetFile
from formats.row_file import Span
from serving.model import Model


class MemoryFile:
    """An object of known size; `reads` are the ranges that were asked for."""

    def __init__(self, body: bytes) -> None:
        self.size = len(body)
        self.reads: list[tuple[int, int]] = []
        self._body = body

    def stream(self, start: int = 0) -> Iterator[bytes]:
        yield self._body[start:]

    def read(self, start: int, stop: int) -> bytes:
        assert 0 <= start <= stop <= self.size
        self.reads.append((start, stop))
        return self._body[start:stop]


def written(table: pa.Table, **options: Any) -> bytes:  # noqa: ANN401 - pyarrow's
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def opened(body: bytes, model: Model) -> ParquetFile:
    return ParquetFile(MemoryFile(body), model)


def scored(file: ParquetFile, span: Span = Span(0, None)) -> bytes:  # noqa: B008 - it is frozen
    encoder = file.encoder(span.start)
    blocks = [encoder.encode(file.score(block).data) for block in file.blocks(span)]
    return b"".join(blocks) + encoder.finish()


def read(body: bytes) -> pa.Table:
    return pq.ParquetFile(io.BytesIO(body)).read()


def joined(bodies: Iterable[bytes]) -> pa.Table:
    return pa.concat_tables(map(read, bodies))
