"""Scored files, read by other means than those that wrote them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import parquet

from chaos.files import COLUMNS, Row

SCORED = (*COLUMNS, "total", "error")


@dataclass(frozen=True, slots=True)
class ScoredRow:
    row: Row
    total: float | None
    has_error: bool

    @classmethod
    def expected(cls, row: Row, version: int) -> ScoredRow:
        return cls(row, row.score(version), has_error=row.x1 is None)


def scored_rows(ending: str, bodies: Sequence[bytes]) -> list[ScoredRow]:
    """Of one output, or of its parts, in their order. Raises ValueError where it is not whole."""
    return [row for body in bodies for row in _rows(ending, body)]


def _rows(ending: str, body: bytes) -> Iterator[ScoredRow]:
    if ending.endswith(".gz"):
        return _rows(ending.removesuffix(".gz"), gzip.decompress(body))
    if ending.endswith(".zst"):
        frames = pa.CompressedInputStream(pa.BufferReader(body), "zstd")
        return _rows(ending.removesuffix(".zst"), frames.read())
    return {"csv": _csv, "jsonl": _json_lines, "parquet": _parquet}[ending](body)


def _csv(body: bytes) -> Iterator[ScoredRow]:
    header, *records = _records(body.decode())
    _require_columns(header)
    for x0, x1, note, total, error in records:
        row = Row(int(x0), None if x1 == "x" else int(x1), note)
        yield ScoredRow(row, float(total) if total else None, bool(error))


def _records(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _json_lines(body: bytes) -> Iterator[ScoredRow]:
    for line in body.decode().splitlines():
        document = json.loads(line)
        _require_columns(list(document))
        yield _of(document)


def _parquet(body: bytes) -> Iterator[ScoredRow]:
    table = parquet.read_table(io.BytesIO(body))
    _require_columns(table.column_names)
    for document in table.to_pylist():
        yield _of(document)


def _of(document: dict[str, object]) -> ScoredRow:
    x0, x1, note, total, error = (document[name] for name in SCORED)
    return ScoredRow(Row(x0, x1, note), total, bool(error))  # type: ignore[arg-type] # compared


def _require_columns(names: Sequence[str]) -> None:
    if tuple(names) != SCORED:
        raise ValueError(f"expected the columns {SCORED}, got {names}")
