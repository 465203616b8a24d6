"""Feeds: the arrays that one run takes, filled from rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from serving.card import Feature
from serving.coercion import Array, Cells, Coerced, coerce, is_missing
from serving.errors import Fault, OversizedInputError, shown
from serving.features import Column, Columns
from serving.signature import ANY

Feeds = dict[str, Array]

MAX_ELEMENTS = 64 * 1024 * 1024


class Rows(NamedTuple):
    """Decoded rows, column by column: `cells[name][i]` belongs to row i.

    `matrix` has the same cells as numbers, `[row, column]`, of columns that fit one.
    """

    length: int
    cells: Mapping[str, Cells]
    matrix: Array | None = None


class Filled(NamedTuple):
    """Feeds for all rows, and every fault; a row with a fault holds placeholders."""

    feeds: Feeds
    faults: Sequence[Fault]


def fill(rows: Rows, columns: Sequence[Column], *, enough: int | None = None) -> Filled:
    """Coerce every column and lay it into its tensor. Wrong cells are reported, not raised.

    With `enough` faults it stops, and the feeds are good for nothing.
    """
    faults: list[Fault] = []
    feeds: Feeds = {}
    for group in Columns(columns).groups:
        coerced = _coerce_arrays(rows, group[0]) if group[0].shape else _coerce_scalars(rows, group)
        feeds.update(_laid(coerced.values, group))
        for index, expected in islice(coerced.expected.items(), enough):
            position, row = divmod(index, rows.length)
            name = group[position].name
            faults.append(Fault(row, name, expected, shown(rows.cells[name][row])))
        if enough is not None and len(faults) >= enough:
            break
    return Filled(feeds, sorted(faults, key=attrgetter("row")))


def _laid(values: Array, columns: Sequence[Column]) -> Iterable[tuple[str, Array]]:
    """The tensors that a group fills, from one line of values per column."""
    lines: dict[str, list[int]] = {}
    for line, column in enumerate(columns):
        lines.setdefault(column.tensor.name, []).append(line)
    for name, mine in lines.items():
        column = columns[mine[0]]
        if column.position is not None:
            block = values if len(mine) == len(columns) else values[mine]
            yield name, np.ascontiguousarray(block.T)
        elif column.tensor.row_shape == (1,):
            yield name, values[mine[0]].reshape(-1, 1)
        else:
            yield name, values[mine[0]]


def _coerce_scalars(rows: Rows, columns: Sequence[Column]) -> Coerced:
    """One line of values per column; an index counts through all cells, column after column."""
    if rows.matrix is None:
        coerced = _coerce_columns(rows, columns)
    else:
        coerced = coerce(rows.matrix.T, columns[0].tensor.dtype)
    _constrain(coerced, [column.feature for column in columns])
    return coerced


def _coerce_columns(rows: Rows, columns: Sequence[Column]) -> Coerced:
    filled = [_filled(rows.cells[column.name], column.feature) for column in columns]
    flat = coerce(_joined(filled), columns[0].tensor.dtype)
    values = flat.values.reshape(len(columns), rows.length)
    for position, column in enumerate(columns):
        feature = column.feature
        if feature is not None and feature.missing == "nan":
            missing = [row for row, cell in enumerate(rows.cells[column.name]) if is_missing(cell)]
            values[position, missing] = np.nan
    return Coerced(values, flat.expected)


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
        if feature.categories:
            _choose(coerced, values, first, feature.categories)
        for row, sentence in out_of_bounds(values, feature).items():
            coerced.expected.setdefault(first + row, sentence)


def _choose(coerced: Coerced, values: Array, first: int, categories: Sequence[str]) -> None:
    if set(values.tolist()).issubset(categories) and not coerced.expected:
        return
    sentence = f"one of {', '.join(categories)}"
    for row, value in enumerate(values):
        if value not in categories or first + row in coerced.expected:
            coerced.expected[first + row] = sentence


def out_of_bounds(values: Array, feature: Feature) -> dict[int, str]:
    """What is expected of each value, by index, that the card's minimum or maximum refuses.

    NaN is refused, unless the card has it for missing values.
    """
    if feature.minimum is None and feature.maximum is None:
        return {}
    lowest = -np.inf if feature.minimum is None else feature.minimum
    highest = np.inf if feature.maximum is None else feature.maximum
    inside = (values >= lowest) & (values <= highest)
    if inside.all():
        return {}
    if feature.missing == "nan":
        inside |= np.isnan(values)
    return {
        int(index): _bound(feature, below=bool(values[index] < lowest))
        for index in np.flatnonzero(~inside)
    }


def _bound(feature: Feature, *, below: bool) -> str:
    if feature.minimum is not None and (below or feature.maximum is None):
        return f"at least {feature.minimum:g}"
    return f"at most {feature.maximum:g}"


def _coerce_arrays(rows: Rows, column: Column) -> Coerced:
    cells = rows.cells[column.name]
    shape = _resolve(cells, column.shape)
    if shape is None:
        sentence = f"an array of shape {list(column.shape)}"
        placeholders = np.empty((1, len(cells)), column.tensor.dtype)
        return Coerced(placeholders, dict.fromkeys(range(len(cells)), sentence))
    leaves = (_leaves(cell, shape) for cell in cells)
    found = {row: found for row, found in enumerate(leaves) if found is not None}
    fitting = list(found)
    flat = coerce([*chain.from_iterable(found.values())], column.tensor.dtype)
    expected = dict.fromkeys(
        set(range(len(cells))) - found.keys(), f"an array of shape {list(shape)}"
    )
    size = math.prod(shape)
    for leaf, sentence in flat.expected.items():
        expected.setdefault(fitting[leaf // size], f"every element to be {sentence}")
    values = _empty((len(cells), *shape), column)
    values[fitting] = flat.values.reshape(len(fitting), *shape)
    return Coerced(values[np.newaxis], expected)


def _empty(shape: tuple[int, ...], column: Column) -> Array:
    """Room for all rows. Raises OversizedInputError: rows of `[]` beside a huge one would multiply
    it, though they themselves take no bytes of a body."""
    if math.prod(shape) > MAX_ELEMENTS:
        raise OversizedInputError(
            f"{column.name}: expected arrays of at most {MAX_ELEMENTS} elements in all, got "
            f"{list(shape)}; send fewer rows at a time"
        )
    return np.zeros(shape, column.tensor.dtype)


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
