"""Rows from a file of CSV or of JSON lines, as a request in JSON would bring them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
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
    raise SelectionError(f"{path}: expected a name that ends in .csv or .jsonl")


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
