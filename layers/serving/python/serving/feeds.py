"""Feeds: the arrays that one run takes, filled from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from serving.card_features import Feature
from serving.coercion import Array, Cells, Coerced, coerce, is_missing
from serving.errors import Fault, shown
from serving.features import Column, Columns

if TYPE_CHECKING:
    from serving.preparation import Prepared

Feeds = dict[str, Array]


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
        expected, got = _fill_group(rows, group, feeds)
        if expected:
            faults += islice(_faults(expected, got, rows, group), enough)
            if enough is not None and len(faults) >= enough:
                break
    return Filled(feeds, sorted(faults, key=attrgetter("row")))


def _fill_group(
    rows: Rows, columns: Sequence[Column], feeds: Feeds
) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Add to the feeds. What is expected of wrong cells, and what came where they do not show it;
    both count column after column."""
    first = columns[0]
    if first.inputs:
        prepared = _prepare(rows, columns)
        feeds.update(prepared.feeds)
        return prepared.expected, prepared.got
    coerced = _coerce_arrays(rows, first) if first.shape else _coerce_scalars(rows, columns)
    feeds.update(_laid(coerced.values, columns))
    return coerced.expected, {}


def _prepare(rows: Rows, columns: Sequence[Column]) -> Prepared:
    preparation = columns[0].preparation
    if preparation is None:
        return _encode(rows, columns)
    cells = [_filled(rows.cells[column.name], column.feature) for column in columns]
    return preparation.prepare(_joined(cells))


def _encode(rows: Rows, columns: Sequence[Column]) -> Prepared:
    # A model of plain cells starts without it.
    from serving.encoding import encode  # noqa: PLC0415

    lines: list[Array] = [np.empty(0)] * len(columns)
    expected: dict[int, str] = {}
    for datatype in dict.fromkeys(column.tensor.datatype for column in columns):
        places = [p for p, column in enumerate(columns) if column.tensor.datatype == datatype]
        coerced = _coerce_scalars(rows, [columns[place] for place in places])
        for place, values in zip(places, coerced.values, strict=True):
            lines[place] = values
        for index, sentence in coerced.expected.items():
            position, row = divmod(index, rows.length)
            expected[places[position] * rows.length + row] = sentence
    features = [column.feature for column in columns if column.feature is not None]
    encoded = encode(lines, features, columns[0].inputs[0])
    return encoded._replace(expected={**encoded.expected, **expected})


def _faults(
    expected: Mapping[int, str], got: Mapping[int, str], rows: Rows, columns: Sequence[Column]
) -> Iterator[Fault]:
    """An index of what is `expected` counts through all cells, column after column."""
    for index, sentence in expected.items():
        position, row = divmod(index, rows.length)
        name = columns[position].name
        yield Fault(row, name, sentence, got.get(index) or shown(rows.cells[name][row]))


def _coerce_arrays(rows: Rows, column: Column) -> Coerced:
    # A model of plain cells starts without it.
    from serving.array_cells import coerce_arrays  # noqa: PLC0415

    return coerce_arrays(rows.cells[column.name], column)


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
