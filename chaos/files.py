"""Small files of every format, with what their rows must be scored to."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import pyarrow as pa
from pyarrow import parquet

COLUMNS = ("X_0", "X_1", "note")
NOTES = ["", "plain", "a,b", "line\nbreak", 'say "when"', "é"]
MAXIMUM_ROWS = 12
ROWS_PER_GROUP = 6


@dataclass(frozen=True, slots=True)
class Row:
    """`x1` None: a cell that is no number, so that the row is bad."""

    x0: int
    x1: int | None
    note: str

    def score(self, version: int) -> float | None:
        """What that version of the model makes of it; no two make the same."""
        return None if self.x1 is None else float(version * (self.x0 + self.x1))


@dataclass(frozen=True, slots=True)
class File:
    """`rows` None: a bad file, which fails as a whole."""

    body: bytes
    rows: tuple[Row, ...] | None


def draw_file(ending: str, random: Random, *, serial: int) -> File:
    """No two serial numbers have a row in common."""
    count = random.choice([1, 2, random.randint(3, MAXIMUM_ROWS), random.randint(6, MAXIMUM_ROWS)])
    rows = tuple(_row(serial * 1000 + number, random) for number in range(count))
    if all(row.x1 is None for row in rows):
        rows = (Row(serial * 1000, 1, ""), *rows[1:])
    if random.random() < 1 / 6:
        return File(random.choice(DAMAGES)(ending, rows), None)
    return File(ENCODE[ending](rows), rows)


def _row(x0: int, random: Random) -> Row:
    x1 = None if random.random() < 1 / 8 else random.randrange(100)
    return Row(x0, x1, random.choice(NOTES))


def _csv(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.x0, "x" if row.x1 is None else row.x1, row.note] for row in rows)
    return text.getvalue().encode()


def _json_lines(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    lines = [dict(zip(columns, [row.x0, row.x1, row.note], strict=True)) for row in rows]
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def _parquet(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> bytes:
    cells = [[r.x0 for r in rows], [r.x1 for r in rows], [r.note for r in rows]]
    types = [pa.int64(), pa.int64(), pa.string()]
    arrays = [pa.array(column, kind) for column, kind in zip(cells, types, strict=True)]
    sink = io.BytesIO()
    table = pa.Table.from_arrays(arrays, names=list(columns))
    parquet.write_table(table, sink, row_group_size=ROWS_PER_GROUP)
    return sink.getvalue()


def _gzipped(encode: Callable[..., bytes]) -> Callable[..., bytes]:
    return lambda *arguments: gzip.compress(encode(*arguments), mtime=0)


def _zstandard(encode: Callable[..., bytes]) -> Callable[..., bytes]:
    return lambda *arguments: bytes(pa.compress(encode(*arguments), "zstd", asbytes=True))


ENCODE: Mapping[str, Callable[..., bytes]] = {
    "csv": _csv,
    "jsonl": _json_lines,
    "parquet": _parquet,
    "csv.gz": _gzipped(_csv),
    "jsonl.gz": _gzipped(_json_lines),
    "csv.zst": _zstandard(_csv),
}


def _without_a_good_row(ending: str, rows: Sequence[Row]) -> bytes:
    return ENCODE[ending]([Row(row.x0, None, row.note) for row in rows])


def _with_a_column_that_is_ours(ending: str, rows: Sequence[Row]) -> bytes:
    return ENCODE[ending](rows, ("X_0", "X_1", "total"))


def _unreadable(ending: str, rows: Sequence[Row]) -> bytes:
    """It cannot be read to its end; lines of JSON can, so they get a name that is ours."""
    body = ENCODE[ending](rows)
    if ending == "csv":
        return body + b'1,2,"never closed\n'
    return _with_a_column_that_is_ours(ending, rows) if ending == "jsonl" else body[:-9]


DAMAGES = [_without_a_good_row, _with_a_column_that_is_ours, _unreadable]
