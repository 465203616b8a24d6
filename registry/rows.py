"""Rows from a file of CSV, of JSON lines or of Parquet, as a request in JSON would bring them."""

from __future__ import annotations

import base64
import csv
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import orjson

from registry.errors import SelectionError
from serving.features import Column


def read_rows(path: Path, columns: Sequence[Column]) -> list[Any]:
    """Every row of the file; what is no row of the model, the model will say."""
    if not path.is_file():
        raise SelectionError(f"{path}: expected a file of rows, found none")
    match path.suffix:
        case ".csv":
            return _csv_rows(path, columns)
        case ".jsonl":
            return _json_lines(path)
        case ".parquet":
            return _parquet_rows(path)
    raise SelectionError(f"{path}: expected a name that ends in .csv, .jsonl or .parquet")


def known_columns(rows: list[Any], columns: Sequence[Column]) -> tuple[list[Any], list[str]]:
    """The rows without what the model does not know, such as ids, and the names of that."""
    names = {column.name for column in columns}
    objects = [row for row in rows if isinstance(row, dict)]
    unknown = dict.fromkeys(name for row in objects for name in row if name not in names)
    return [_without(row, unknown) for row in rows], [*unknown]


def _without(row: object, unknown: Container[str]) -> object:
    if not isinstance(row, dict):
        return row
    return {name: cell for name, cell in row.items() if name not in unknown}


def _csv_rows(path: Path, columns: Sequence[Column]) -> list[Any]:
    texts = {column.name for column in columns if _holds_text(column)}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    if any(None in row for row in rows):
        raise SelectionError(f"{path}: expected as many cells in a row as in the header, got more")
    return [
        {name: cell if name in texts else _value(cell) for name, cell in row.items()}
        for row in rows
    ]


def _holds_text(column: Column) -> bool:
    if column.feature is not None:
        return column.feature.kind != "number"
    return column.tensor.datatype == "BYTES"


def _value(cell: str | None) -> object:
    """What a cell spells in JSON; an empty one is missing, and what spells nothing stays text."""
    try:
        return orjson.loads(cell) if cell else None
    except orjson.JSONDecodeError:
        return cell


def _json_lines(path: Path) -> list[Any]:
    lines = path.read_bytes().splitlines()
    try:
        return [orjson.loads(line) for line in lines if line.strip()]
    except orjson.JSONDecodeError as error:
        raise SelectionError(f"{path}: expected JSON on each line: {error}") from error


def _parquet_rows(path: Path) -> list[Any]:
    # The other formats are read without it.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise SelectionError(f"{path}: expected Parquet: {error}") from error
    return [orjson.loads(orjson.dumps(row, default=_in_base64)) for row in table.to_pylist()]


def _in_base64(cell: object) -> str:
    """A picture; of what else JSON does not have, its text."""
    return base64.b64encode(cell).decode() if isinstance(cell, bytes) else str(cell)
