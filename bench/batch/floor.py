"""The floor: the loops that a good engineer writes by hand, with two runs at a time or one.

What they do without: rows that are wrong, cells kept byte for byte, compression, bounded memory.
Block sizes are the best of those tried for them, and text is formatted beside the other runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bench.batch.session import predicted

CSV_BLOCK_BYTES = 4 * 1024 * 1024
JSON_LINES = 4096
PARQUET_ROWS = 64 * 1024
BLOCKS_PER_THREAD = 2
BARE = pacsv.WriteOptions(include_header=False, quoting_style="none")

Item = TypeVar("Item")
Result = TypeVar("Result")


def score(model: Path, source: Path, target: Path, *, threads: int) -> None:
    LOOPS[source.suffix](model, source, target, threads)


def _csv(model: Path, source: Path, target: Path, threads: int) -> None:
    with source.open("rb") as file:
        names = [name.strip('"') for name in file.readline().decode().rstrip().split(",")]
    reader = pacsv.open_csv(
        source,
        pacsv.ReadOptions(use_threads=threads > 1, block_size=CSV_BLOCK_BYTES),
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32())),
    )
    with target.open("wb") as out:
        out.write(",".join([*names, "variable", "error\n"]).encode())
        for text in _in_order(partial(_csv_text, model), reader, threads):
            out.write(text)


def _csv_text(model: Path, batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    pacsv.write_csv(_extended(model, batch), sink, BARE)
    return sink.getvalue()


def _parquet(model: Path, source: Path, target: Path, threads: int) -> None:
    with pq.ParquetFile(source, pre_buffer=False) as file:
        batches = file.iter_batches(PARQUET_ROWS, use_threads=threads > 1)
        schema = file.schema_arrow
        for field in (pa.field("variable", pa.float32()), pa.field("error", pa.string())):
            schema = schema.append(field)
        # Dictionaries of random numbers only cost.
        with pq.ParquetWriter(target, schema, use_dictionary=False) as writer:
            for batch in _in_order(partial(_extended, model), batches, threads):
                writer.write_batch(batch)


def _extended(model: Path, batch: pa.RecordBatch) -> pa.RecordBatch:
    values = predicted(model, batch.to_tensor(row_major=True).to_numpy())
    columns = [*batch.columns, pa.array(values), pa.nulls(batch.num_rows, pa.string())]
    return pa.RecordBatch.from_arrays(columns, [*batch.schema.names, "variable", "error"])


def _json_lines(model: Path, source: Path, target: Path, threads: int) -> None:
    with source.open("rb") as file, target.open("wb") as out:
        blocks = iter(lambda: [*islice(file, JSON_LINES)], [])
        for text in _in_order(partial(_json_text, model), blocks, threads):
            out.write(text)


def _json_text(model: Path, lines: Iterable[bytes]) -> bytes:
    rows: list[dict[str, Any]] = [*map(orjson.loads, lines)]
    cells = itemgetter(*rows[0])
    values = predicted(model, np.array([*map(cells, rows)], np.float32)).tolist()
    for row, value in zip(rows, values, strict=True):
        row["variable"] = value
        row["error"] = None
    return b"\n".join([*map(orjson.dumps, rows), b""])


def _in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Iterator[Result]:
    if threads == 1:
        yield from map(work, items)
        return
    pending: deque[Future[Result]] = deque()
    for item in items:
        pending.append(_pool(threads).submit(work, item))
        if len(pending) == BLOCKS_PER_THREAD * threads:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)


LOOPS = {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
