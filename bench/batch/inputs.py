"""Input files: the same random numbers in every format, and CSV that is harder to read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

CHUNK_ROWS = 20_000
GOOD_ROWS_PER_BAD = 99
# What stands in a bad row's first cell.
BAD_CELLS = (b"banana", b"", b"NaN", b"1e999", b"true", b"-", b'"1,5"', b"0x1F", b"1.5.2", b"1 2")


def numbers(rows: int, columns: int) -> pa.Table:
    cells = np.random.default_rng(0).random((columns, rows), np.float32)
    return pa.table({f"X_{index}": column for index, column in enumerate(cells)})


def write(table: pa.Table, path: Path) -> Path:
    WRITERS[path.suffix](table, path)
    return path


def write_quoted(table: pa.Table, path: Path) -> Path:
    """CSV with every cell in quotes."""
    pacsv.write_csv(table, path, pacsv.WriteOptions(quoting_style="all_valid"))
    return path


def write_with_bad_rows(table: pa.Table, path: Path) -> Path:
    """CSV of which one row in a hundred is bad, in ten ways."""
    _write_csv(table, path)
    lines = path.read_bytes().splitlines(keepends=True)
    bad_rows = range(GOOD_ROWS_PER_BAD, len(lines), GOOD_ROWS_PER_BAD + 1)
    for row, cell in zip(bad_rows, cycle(BAD_CELLS), strict=False):
        lines[row] = cell + lines[row][lines[row].index(b",") :]
    path.write_bytes(b"".join(lines))
    return path


def repeat(source: Path, target: Path, *, size_bytes: int) -> Path:
    """A CSV file of at least so many bytes, of the rows of another again and again."""
    header, rows = source.read_bytes().split(b"\n", 1)
    with target.open("wb") as out:
        out.write(header + b"\n")
        while out.tell() < size_bytes:
            out.write(rows)
    return target


def _write_csv(table: pa.Table, path: Path) -> None:
    pacsv.write_csv(table, path, pacsv.WriteOptions(quoting_style="none"))


def _write_json_lines(table: pa.Table, path: Path) -> None:
    members = ",".join(f'"{name}":%b' for name in table.column_names)
    line = f"{{{members}}}\n".encode()
    with path.open("wb") as out:
        for batch in table.to_batches(CHUNK_ROWS):
            matrix = batch.to_tensor(row_major=True).to_numpy()
            rows = orjson.dumps(matrix, option=orjson.OPT_SERIALIZE_NUMPY)[2:-2].split(b"],[")
            out.writelines(line % tuple(row.split(b",")) for row in rows)


def _write_parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, use_dictionary=False)


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_json_lines,
    ".parquet": _write_parquet,
}
