"""Files of any size, made of one block of rows again and again."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from typing_extensions import Buffer

COLUMNS = 11
ROWS = 200_000

# Chunks that together are a file of at least so many bytes.
MakeFile = Callable[[int], Iterator[bytes]]


def table() -> pa.Table:
    random = np.random.default_rng(0)
    cells = random.random((COLUMNS, ROWS), np.float32)
    return pa.table({f"X_{index}": column for index, column in enumerate(cells)})


def csv_file(size_bytes: int) -> Iterator[bytes]:
    header, rows = _csv_rows()
    yield header
    yield from _repeated(rows, size_bytes)


def gzip_file(size_bytes: int) -> Iterator[bytes]:
    """Of many members, as tools that append to logs make them."""
    header, rows = _csv_rows()
    yield gzip.compress(header)
    yield from _repeated(gzip.compress(rows, 1), size_bytes)


def parquet_file(size_bytes: int) -> Iterator[bytes]:
    """A row group for each block; plain, for random numbers do not compress."""
    rows, sink = table(), _Sink()
    with pq.ParquetWriter(sink, rows.schema, compression="none", use_dictionary=False) as writer:
        while sink.size < size_bytes:
            writer.write_table(rows)
            yield sink.drained()
    yield sink.drained()


def _csv_rows() -> tuple[bytes, bytes]:
    sink = io.BytesIO()
    pacsv.write_csv(table(), sink, pacsv.WriteOptions(quoting_style="none"))
    header, _, rows = sink.getvalue().partition(b"\n")
    return header + b"\n", rows


def _repeated(block: bytes, size_bytes: int) -> Iterator[bytes]:
    for _ in range(-(-size_bytes // len(block))):
        yield block


class _Sink(io.RawIOBase):
    """Knows how much was ever written to it, and holds what was not drained yet."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: Buffer, /) -> int:
        self._waiting.append(bytes(data))
        self.size += len(self._waiting[-1])
        return len(self._waiting[-1])

    def drained(self) -> bytes:
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data
