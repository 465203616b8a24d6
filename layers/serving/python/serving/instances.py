"""Instances: rows as objects or as arrays, decoded column by column, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from serving.coercion import ABSENT, Cells, as_matrix
from serving.errors import (
    ENOUGH_FAULTS,
    NAME_CHARACTERS,
    Fault,
    InvalidInputError,
    InvalidRowsError,
    shortened,
    shown,
)
from serving.features import Column, Columns
from serving.feeds import Feeds, Rows, fill
from serving.limits import require_room

# From a row and a column to a JSON pointer (RFC 6901).
Pointer = Callable[[int, str | None], str]


class Instances(NamedTuple):
    """Decoded rows, what is wrong with their shape, and where in the document each stands.

    `pointer` None: they came as lines of text, whose rows people count from 1.
    """

    rows: Rows
    faults: Sequence[Fault]
    pointer: Pointer | None

    def feeds(self, columns: Sequence[Column]) -> Feeds:
        """The arrays of one run; raises InvalidRowsError with the faults, up to ENOUGH_FAULTS of a
        kind, and their places, and OversizedInputError where pictures have too many pixels."""
        _require_pixels(self.rows, columns)
        filled = fill(self.rows, columns, enough=ENOUGH_FAULTS)
        misshapen = {fault.row for fault in self.faults}
        faults = [*self.faults, *(f for f in filled.faults if f.row not in misshapen)]
        if not faults:
            return filled.feeds
        raise self.error(sorted(faults, key=attrgetter("row")))

    def error(
        self, faults: Sequence[Fault], kind: type[InvalidRowsError] = InvalidRowsError
    ) -> InvalidRowsError:
        """The faults with their places."""
        if self.pointer is None:
            return kind(faults, first_row=1)
        return kind(faults, [self.pointer(f.row, f.column) for f in faults])


def _require_pixels(rows: Rows, columns: Sequence[Column]) -> None:
    pictures = Columns(columns).pictures
    if not pictures:
        return
    # Only the images of models of pictures carry the library behind it.
    from serving.images import require_pixels  # noqa: PLC0415

    require_pixels(chain.from_iterable(rows.cells[column.name] for column in pictures))


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
    return decode_arrays(rows, Columns(columns).names, columns, prefix)


def decode_objects(rows: list[Any], columns: Sequence[Column], prefix: str) -> Instances:
    names = Columns(columns).names

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}" if column is None else f"{prefix}/{row}/{escaped(column)}"

    arrays = _as_arrays(rows, names)
    if arrays is not None:
        return Instances(_by_column(arrays, names, columns), (), pointer)
    faults = (
        fault for row, cells in enumerate(rows) for fault in _object_faults(row, cells, names)
    )
    objects = [row if isinstance(row, dict) else {} for row in rows]
    cells = {name: [row.get(name, ABSENT) for row in objects] for name in names}
    return Instances(Rows(len(rows), cells), list(islice(faults, ENOUGH_FAULTS)), pointer)


def _as_arrays(rows: list[Any], names: Sequence[str]) -> list[Sequence[object]] | None:
    """The cells of objects in the order of `names`; None unless all have these keys and no others,
    as they nearly always do."""
    if not names or {*map(type, rows)} != {dict} or {*map(len, rows)} != {len(names)}:
        return None
    try:
        if len(names) == 1:
            return [(row[names[0]],) for row in rows]
        return [*map(itemgetter(*names), rows)]
    except KeyError:
        return None


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

    def pointer(row: int, column: str | None) -> str:
        return f"{prefix}/{row}/{order.index(column)}" if column in order else f"{prefix}/{row}"

    fits = [isinstance(cells, list) and len(cells) == len(order) for cells in rows]
    if all(fits):
        return Instances(_by_column(rows, order, columns), (), pointer)
    expected = f"an array of {len(order)} ({', '.join(order)})"
    misshapen = islice((row for row, fit in enumerate(fits) if not fit), ENOUGH_FAULTS)
    faults = [Fault(row, None, expected, shown(rows[row])) for row in misshapen]
    blank = [ABSENT] * len(order)
    arrays = [row if fit else blank for row, fit in zip(rows, fits, strict=True)]
    return Instances(_by_column(arrays, order, columns), faults, pointer)


class _ByRow(dict[str, Cells]):
    """Cells by column, each column taken out of the rows when it is asked for."""

    def __init__(self, rows: Sequence[Sequence[object]], order: Sequence[str]) -> None:
        self._rows = rows
        self._order = order

    def __missing__(self, name: str) -> Cells:
        position = self._order.index(name)
        column = self[name] = [row[position] for row in self._rows]
        return column


def _by_column(
    rows: Sequence[Sequence[object]], order: Sequence[str], columns: Sequence[Column]
) -> Rows:
    """Rows of as many cells as `order` has names."""
    names = Columns(columns).names
    if order == names and Columns(columns).fit_a_matrix:
        matrix = as_matrix(rows, len(order))
        if matrix is not None:
            return Rows(len(rows), _ByRow(rows, order), matrix)
    nothing = [ABSENT] * len(rows)
    cells = dict(zip(order, zip(*rows, strict=True), strict=True))
    return Rows(len(rows), {name: cells.get(name, nothing) for name in names})


def only(names: Sequence[str]) -> str:
    """What is expected where a name is unknown."""
    return f"only the features {', '.join(names)}"


def repeated(names: Sequence[str]) -> str | None:
    """The first name that was there before."""
    return next((name for place, name in enumerate(names) if name in names[:place]), None)


def escaped(token: str) -> str:
    """A name as a JSON pointer holds it."""
    return shortened(token, NAME_CHARACTERS).replace("~", "~0").replace("/", "~1")
