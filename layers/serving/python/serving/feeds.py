"""Feeds: the arrays that one run takes, filled from rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import attrgetter

import numpy as np

from serving.card import Feature
from serving.coercion import ABSENT, Array, Cells, Coerced, coerce, is_missing
from serving.errors import Fault, shown
from serving.features import Column
from serving.signature import ANY

Feeds = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Rows:
    """Decoded rows, column by column: `cells[name][i]` belongs to row i."""

    length: int
    cells: Mapping[str, Cells]


@dataclass(frozen=True, slots=True)
class Filled:
    """Feeds for all rows, and every fault; a row with a fault holds placeholders."""

    feeds: Feeds
    faults: Sequence[Fault]


def fill(rows: Rows, columns: Sequence[Column], *, enough: int | None = None) -> Filled:
    """Coerce every column and lay it into its tensor. Wrong cells are reported, not raised.

    With `enough` faults it stops, and the feeds are good for nothing.
    """
    faults: list[Fault] = []
    feeds: Feeds = {}
    for group in _groups(columns):
        coerced = _coerce_arrays(rows, group[0]) if group[0].shape else _coerce_scalars(rows, group)
        feeds.update(_laid(coerced.values, group))
        for index, expected in islice(coerced.expected.items(), enough):
            position, row = divmod(index, rows.length)
            name = group[position].name
            faults.append(Fault(row, name, expected, shown(rows.cells[name][row])))
        if enough is not None and len(faults) >= enough:
            break
    return Filled(feeds, sorted(faults, key=attrgetter("row")))


def _groups(columns: Sequence[Column]) -> list[list[Column]]:
    """Columns that are coerced at once: all scalars of one type; an array alone."""
    arrays = [[column] for column in columns if column.shape]
    scalars: dict[str, list[Column]] = {}
    for column in columns:
        if not column.shape:
            scalars.setdefault(column.tensor.datatype, []).append(column)
    return [*arrays, *scalars.values()]


def _laid(values: Array, columns: Sequence[Column]) -> Iterable[tuple[str, Array]]:
    """The tensors that a group fills, from one line of values per column."""
    lines = groupby(range(len(columns)), key=lambda line: columns[line].tensor.name)
    for name, (first, *others) in lines:
        column = columns[first]
        if column.position is not None:
            yield name, np.ascontiguousarray(values[first : first + 1 + len(others)].T)
        elif column.tensor.row_shape == (1,):
            yield name, values[first].reshape(-1, 1)
        else:
            yield name, values[first]


def _coerce_scalars(rows: Rows, columns: Sequence[Column]) -> Coerced:
    """One line of values per column; an index counts through all cells, column after column."""
    filled = [_filled(rows.cells[column.name], column.feature) for column in columns]
    coerced = coerce(_joined(filled), columns[0].tensor.dtype)
    values = coerced.values = coerced.values.reshape(len(columns), rows.length)
    for position, column in enumerate(columns):
        feature = column.feature
        if feature is not None and feature.missing == "nan":
            missing = [row for row, cell in enumerate(rows.cells[column.name]) if is_missing(cell)]
            values[position, missing] = np.nan
    _constrain(coerced, [column.feature for column in columns])
    return coerced


def _filled(cells: Cells, feature: Feature | None) -> Cells:
    """The cells with something scorable in place of what is missing, where the card allows that."""
    if feature is None or feature.missing == "reject" or isinstance(cells, np.ndarray):
        return cells
    if feature.kind != "number":
        return [feature.fill if is_missing(cell) or cell == "" else cell for cell in cells]
    number = 0 if feature.fill is None else feature.fill
    return [number if is_missing(cell) else cell for cell in cells]


def _joined(columns: Sequence[Cells]) -> Cells:
    if len(columns) == 1:
        return columns[0]
    arrays = [cells for cells in columns if isinstance(cells, np.ndarray)]
    if len(arrays) == len(columns):
        return np.concatenate(arrays)
    lists = (cells.tolist() if isinstance(cells, np.ndarray) else cells for cells in columns)
    return [*chain.from_iterable(lists)]


def _constrain(coerced: Coerced, features: Sequence[Feature | None]) -> None:
    length = coerced.values.shape[1]
    for position, feature in enumerate(features):
        if feature is None:
            continue
        values, first = coerced.values[position], position * length
        if feature.categories and not set(values.tolist()).issubset(feature.categories):
            outside = np.array([value not in feature.categories for value in values])
            _report(coerced, outside, first, f"one of {', '.join(feature.categories)}")
        if feature.minimum is not None:
            _report(coerced, values < feature.minimum, first, f"at least {feature.minimum:g}")
        if feature.maximum is not None:
            _report(coerced, values > feature.maximum, first, f"at most {feature.maximum:g}")


def _report(coerced: Coerced, outside: Array, first: int, sentence: str) -> None:
    if outside.any():
        for row in np.flatnonzero(outside):
            coerced.expected.setdefault(first + int(row), sentence)


def _coerce_arrays(rows: Rows, column: Column) -> Coerced:
    cells = rows.cells[column.name]
    shape = _resolve(cells, column.shape)
    if shape is None:
        sentence = f"an array of shape {list(column.shape)}"
        placeholders = np.empty((1, len(cells)), column.tensor.dtype)
        return Coerced(placeholders, dict.fromkeys(range(len(cells)), sentence))
    size = int(np.prod(shape))
    expected: dict[int, str] = {}
    leaves: list[object] = []
    for index, cell in enumerate(cells):
        found = _leaves(cell, shape)
        if found is None:
            expected[index] = f"an array of shape {list(shape)}"
        leaves.extend([ABSENT] * size if found is None else found)
    flat = coerce(leaves, column.tensor.dtype)
    for leaf, sentence in flat.expected.items():
        expected.setdefault(leaf // size, f"every element to be {sentence}")
    return Coerced(flat.values.reshape(1, len(cells), *shape), expected)


def _resolve(cells: Cells, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Open extents take those of the first row that has them, for all rows of one run have one
    shape; None where no row has them."""
    return next((fit for cell in cells if (fit := _fit(cell, shape)) is not None), None)


def _fit(cell: object, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    if not shape:
        return ()
    if not isinstance(cell, list) or shape[0] not in {ANY, len(cell)}:
        return None
    inner = _fit(cell[0], shape[1:]) if cell else tuple(max(extent, 0) for extent in shape[1:])
    return None if inner is None else (len(cell), *inner)


def _leaves(cell: object, shape: tuple[int, ...]) -> list[object] | None:
    if not shape:
        return [cell]
    if not isinstance(cell, list) or len(cell) != shape[0]:
        return None
    parts = [_leaves(item, shape[1:]) for item in cell]
    return None if None in parts else [leaf for part in parts if part is not None for leaf in part]
