"""Rows as CSV text with a header."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import orjson

from serving.coercion import ABSENT, Cells, from_text
from serving.csv_records import records_of
from serving.errors import (
    ENOUGH_FAULTS,
    Fault,
    InvalidInputError,
    MalformedInputError,
    shown,
)
from serving.features import Column
from serving.feeds import Rows
from serving.instances import Instances, only, repeated
from serving.limits import require_lines, require_room
from serving.lines import lines_of


def decode_csv(content: bytes, columns: Sequence[Column]) -> Instances:
    """Read a header and records; blank lines are no rows.

    Raises MalformedInputError where it is no CSV, InvalidInputError where the header does not fit
    the model, and OversizedInputError where there is too much of it.
    """
    require_lines(content)
    records = [record for record in records_of(lines_of([content])) if record.cells]
    if not records:
        raise MalformedInputError("the body: expected CSV with a header, got nothing")
    header, *rows = records
    positions = _positions(header.cells, [column.name for column in columns])
    if not rows:
        raise InvalidInputError("the body: expected at least one row below the header, got none")
    require_room(len(rows), columns)
    width = len(header.cells)
    faults = (
        Fault(row, None, f"{width} cells, as the header has", str(len(record.cells)))
        for row, record in enumerate(rows)
        if len(record.cells) != width
    )
    blank = [""] * width
    texts = [*zip(*(r.cells if len(r.cells) == width else blank for r in rows), strict=True)]
    cells = {
        column.name: read_cells(texts[positions[column.name]], column)
        if column.name in positions
        else [ABSENT] * len(rows)
        for column in columns
    }
    return Instances(Rows(len(rows), cells), [*islice(faults, ENOUGH_FAULTS)], None)


def _positions(header: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    unknown = next((name for name in header if name not in names), None)
    if unknown is not None:
        raise InvalidInputError(f"the header: expected {only(names)}, got {shown(unknown)}")
    twice = repeated(header)
    if twice is not None:
        raise InvalidInputError(f"the header: expected each column once, got {shown(twice)} again")
    return {name: position for position, name in enumerate(header)}


def read_cells(texts: Sequence[str], column: Column) -> Cells:
    """Text cells as the JSON values that they spell for a column; a nested array is written as
    JSON."""
    if column.shape:
        return [_array(text) for text in texts]
    return from_text(texts, column.tensor.dtype)


def _array(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
