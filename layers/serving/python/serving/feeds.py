"""Feeds: the arrays that one run takes, filled from rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

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
    widths = Counter(column.tensor.name for column in columns)
    for column in columns:
        cells = rows.cells[column.name]
        coerced = _coerce(cells, column)
        faults.extend(
            Fault(row, column.name, expected, shown(cells[row]))
            for row, expected in islice(coerced.expected.items(), enough)
        )
        if enough is not None and len(faults) >= enough:
            break
        _lay(coerced.values, column, feeds, widths[column.tensor.name])
    return Filled(feeds, sorted(faults, key=lambda fault: fault.row))


def _lay(values: Array, column: Column, feeds: Feeds, width: int) -> None:
    tensor = column.tensor
    if column.position is None:
        feeds[tensor.name] = values.reshape(len(values), 1) if tensor.row_shape == (1,) else values
        return
    if tensor.name not in feeds:
        feeds[tensor.name] = np.empty((len(values), width), dtype=tensor.dtype)
    feeds[tensor.name][:, column.position] = values


def _coerce(cells: Cells, column: Column) -> Coerced:
    if column.shape:
        return _coerce_arrays(cells, column)
    feature = column.feature
    if feature is None:
        return coerce(cells, column.tensor.dtype)
    return _constrain(_coerce_missing(cells, feature, column.tensor.dtype), feature)


def _coerce_missing(cells: Cells, feature: Feature, dtype: np.dtype[np.generic]) -> Coerced:
    if feature.missing == "reject" or isinstance(cells, np.ndarray):
        return coerce(cells, dtype)
    if feature.fill is not None and feature.kind != "number":
        return coerce([feature.fill if is_missing(c) or c == "" else c for c in cells], dtype)
    value = float("nan") if feature.fill is None else feature.fill
    missing = [index for index, cell in enumerate(cells) if is_missing(cell)]
    coerced = coerce([0 if is_missing(cell) else cell for cell in cells], dtype)
    coerced.values[missing] = value
    return coerced


def _constrain(coerced: Coerced, feature: Feature) -> Coerced:
    if feature.categories:
        allowed = set(feature.categories)
        sentence = f"one of {', '.join(feature.categories)}"
        if set(coerced.values) - allowed:
            for index, value in enumerate(coerced.values):
                if value not in allowed:
                    coerced.expected.setdefault(index, sentence)
    if feature.minimum is not None:
        _bound(coerced, coerced.values < feature.minimum, f"at least {feature.minimum:g}")
    if feature.maximum is not None:
        _bound(coerced, coerced.values > feature.maximum, f"at most {feature.maximum:g}")
    return coerced


def _bound(coerced: Coerced, outside: Array, sentence: str) -> None:
    for index in np.flatnonzero(outside):
        coerced.expected.setdefault(int(index), sentence)


def _coerce_arrays(cells: Cells, column: Column) -> Coerced:
    shape = _resolve(cells, column.shape)
    if shape is None:
        sentence = f"an array of shape {list(column.shape)}"
        placeholders = np.empty(len(cells), column.tensor.dtype)
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
    return Coerced(flat.values.reshape(len(cells), *shape), expected)


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
