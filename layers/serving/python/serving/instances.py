"""Instances: rows in the JSON shapes that people send, decoded column by column.

    {"instances": [{"lotsize": 5850}, …]}     rows as objects
    {"instances": [[5850, …], …]}             rows as arrays, in feature order
    [{…}, …]   [[…], …]                       either of them bare
    {"lotsize": {"0": 5850, …}, …}            the column form of pandas' DataFrame.to_json()

A model of one feature also takes bare cells for rows: ["text", …].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from serving.coercion import ABSENT
from serving.errors import (
    NAME_CHARACTERS,
    Fault,
    InvalidInputError,
    InvalidRowsError,
    shortened,
    shown,
)
from serving.features import Column
from serving.feeds import Feeds, Rows, fill

SHOWN_KEYS = 5

# A body of 6 MB has room for two million empty rows, and nobody reads what is wrong with each.
ENOUGH_FAULTS = 1000

# From a row and a column to a JSON pointer (RFC 6901).
Pointer = Callable[[int, str | None], str]


@dataclass(frozen=True, slots=True)
class Instances:
    """Decoded rows, what is wrong with their shape, and where in the document each stands."""

    rows: Rows
    faults: Sequence[Fault]
    pointer: Pointer

    def feeds(self, columns: Sequence[Column]) -> Feeds:
        """The arrays of one run; raises InvalidRowsError with the faults, up to ENOUGH_FAULTS of a
        kind, and their pointers."""
        filled = fill(self.rows, columns, enough=ENOUGH_FAULTS)
        misshapen = {fault.row for fault in self.faults}
        faults = [*self.faults, *(f for f in filled.faults if f.row not in misshapen)]
        if faults:
            raise InvalidRowsError(faults, [self.pointer(f.row, f.column) for f in faults])
        return filled.feeds


def decode(document: object, columns: Sequence[Column]) -> Instances:
    """Read a parsed JSON document; raises InvalidInputError where it has none of the shapes."""
    match document:
        case {"instances": list(rows), **rest} if not rest:
            return _decode_rows(rows, columns, "/instances")
        case list(rows):
            return _decode_rows(rows, columns, "")
        case dict() if document and all(isinstance(cells, dict) for cells in document.values()):
            return _decode_columns(document, columns)
    expected = '{"instances": [row, …]}, [row, …] or {column: {index: cell, …}, …}'
    raise InvalidInputError(f"the body: expected {expected}, got {_described(document)}")


def _described(document: object) -> str:
    if isinstance(document, dict):
        keys = ", ".join(map(shown, islice(document, SHOWN_KEYS)))
        more = ", …" if len(document) > SHOWN_KEYS else ""
        return f"an object with {keys or 'nothing in it'}{more}"
    return shown(document)


def _decode_rows(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    if not rows:
        raise InvalidInputError(f"{prefix or 'the body'}: expected at least one row, got none")
    if isinstance(rows[0], dict):
        return _decode_objects(rows, columns, prefix)
    if len(columns) == 1 and (columns[0].shape or not isinstance(rows[0], list)):
        cells = Rows(len(rows), {columns[0].name: rows})
        return Instances(cells, (), lambda row, _: f"{prefix}/{row}")
    return _decode_arrays(rows, columns, prefix)


def _decode_objects(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    names = [column.name for column in columns]
    faults = (
        fault for row, cells in enumerate(rows) for fault in _object_faults(row, cells, names)
    )
    objects = [row if isinstance(row, dict) else {} for row in rows]
    cells = {name: [row.get(name, ABSENT) for row in objects] for name in names}

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}" if column is None else f"{prefix}/{row}/{_escaped(column)}"

    return Instances(Rows(len(rows), cells), list(islice(faults, ENOUGH_FAULTS)), pointer)


def _object_faults(row: int, cells: object, names: Sequence[str]) -> list[Fault]:
    if not isinstance(cells, dict):
        return [Fault(row, None, "an object, as the first row is", shown(cells))]
    if len(cells) <= len(names) and cells.keys() <= set(names):
        return []
    expected = f"only the features {', '.join(names)}"
    return [Fault(row, key, expected, "an unknown one") for key in cells if key not in names]


def _decode_arrays(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    width = len(columns)
    expected = f"an array of {width} ({', '.join(column.name for column in columns)})"
    fits = [isinstance(cells, list) and len(cells) == width for cells in rows]
    misshapen = islice((row for row, fit in enumerate(fits) if not fit), ENOUGH_FAULTS)
    faults = [Fault(row, None, expected, shown(rows[row])) for row in misshapen]
    blank = [ABSENT] * width
    cells = zip(*(row if fit else blank for row, fit in zip(rows, fits, strict=True)), strict=True)
    positions = {column.name: position for position, column in enumerate(columns)}

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}" if column is None else f"{prefix}/{row}/{positions[column]}"

    return Instances(Rows(len(rows), dict(zip(positions, cells, strict=True))), faults, pointer)


def _decode_columns(document: dict[str, dict[str, Any]], columns: Sequence[Column]) -> Instances:
    names = [column.name for column in columns]
    unknown = [name for name in document if name not in names]
    if unknown:
        expected = f"only the features {', '.join(names)}"
        raise InvalidInputError(f"/{_escaped(unknown[0])}: expected {expected}, got an unknown one")
    index = list(dict.fromkeys(key for cells in document.values() for key in cells))
    if not index:
        raise InvalidInputError("the body: expected at least one row, got empty columns")
    cells = {name: [document.get(name, {}).get(key, ABSENT) for key in index] for name in names}

    def pointer(row: int, column: str | None) -> str:
        return f"/{_escaped(column or '')}/{_escaped(index[row])}"

    return Instances(Rows(len(index), cells), (), pointer)


def _escaped(token: str) -> str:
    return shortened(token, NAME_CHARACTERS).replace("~", "~0").replace("/", "~1")
