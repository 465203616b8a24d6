"""Instances: rows as objects or as arrays, decoded column by column, each with its place."""

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
from serving.limits import require_room

# A body of 6 MB has room for two million empty rows, and nobody reads what is wrong with each.
ENOUGH_FAULTS = 1000

# From a row and a column to a JSON pointer (RFC 6901).
Pointer = Callable[[int, str | None], str]


@dataclass(frozen=True, slots=True)
class Instances:
    """Decoded rows, what is wrong with their shape, and where in the document each stands.

    `pointer` None: they came as lines of text, whose rows people count from 1.
    """

    rows: Rows
    faults: Sequence[Fault]
    pointer: Pointer | None

    def feeds(self, columns: Sequence[Column]) -> Feeds:
        """The arrays of one run; raises InvalidRowsError with the faults, up to ENOUGH_FAULTS of a
        kind, and their places."""
        filled = fill(self.rows, columns, enough=ENOUGH_FAULTS)
        misshapen = {fault.row for fault in self.faults}
        faults = [*self.faults, *(f for f in filled.faults if f.row not in misshapen)]
        if not faults:
            return filled.feeds
        if self.pointer is None:
            raise InvalidRowsError(faults, first_row=1)
        raise InvalidRowsError(faults, [self.pointer(f.row, f.column) for f in faults])


def decode_rows(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    """Rows as objects, as arrays in feature order, or, of a model of one feature, as bare cells;
    `prefix` points at them."""
    if not rows:
        raise InvalidInputError(f"{prefix or 'the body'}: expected at least one row, got none")
    require_room(len(rows), columns)
    if isinstance(rows[0], dict):
        return decode_objects(rows, columns, prefix)
    if len(columns) == 1 and (columns[0].shape or not isinstance(rows[0], list)):
        cells = Rows(len(rows), {columns[0].name: rows})
        return Instances(cells, (), lambda row, _: f"{prefix}/{row}")
    return decode_arrays(rows, [column.name for column in columns], columns, prefix)


def decode_objects(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    names = [column.name for column in columns]
    faults = (
        fault for row, cells in enumerate(rows) for fault in _object_faults(row, cells, names)
    )
    objects = [row if isinstance(row, dict) else {} for row in rows]
    cells = {name: [row.get(name, ABSENT) for row in objects] for name in names}

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}" if column is None else f"{prefix}/{row}/{escaped(column)}"

    return Instances(Rows(len(rows), cells), list(islice(faults, ENOUGH_FAULTS)), pointer)


def _object_faults(row: int, cells: object, names: Sequence[str]) -> list[Fault]:
    if not isinstance(cells, dict):
        return [Fault(row, None, "an object, as the first row is", shown(cells))]
    if len(cells) <= len(names) and cells.keys() <= set(names):
        return []
    expected = only(names)
    return [Fault(row, key, expected, "an unknown one") for key in cells if key not in names]


def decode_arrays(
    rows: list[Any], order: Sequence[str], columns: Sequence[Column], prefix: str
) -> Instances:
    """Rows as arrays whose cells stand in `order`, which may leave columns out."""
    expected = f"an array of {len(order)} ({', '.join(order)})"
    fits = [isinstance(cells, list) and len(cells) == len(order) for cells in rows]
    misshapen = islice((row for row, fit in enumerate(fits) if not fit), ENOUGH_FAULTS)
    faults = [Fault(row, None, expected, shown(rows[row])) for row in misshapen]
    blank = [ABSENT] * len(order)
    cells = zip(*(row if fit else blank for row, fit in zip(rows, fits, strict=True)), strict=True)
    nothing = [ABSENT] * len(rows)
    named = {column.name: nothing for column in columns} | dict(zip(order, cells, strict=True))
    positions = {name: position for position, name in enumerate(order)}

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}/{positions[column]}" if column in positions else f"{prefix}/{row}"

    return Instances(Rows(len(rows), named), faults, pointer)


def only(names: Sequence[str]) -> str:
    """What is expected where a name is unknown."""
    return f"only the features {', '.join(names)}"


def escaped(token: str) -> str:
    """A name as a JSON pointer holds it."""
    return shortened(token, NAME_CHARACTERS).replace("~", "~0").replace("/", "~1")
