"""Cells that hold nested arrays, as an image without a card has them."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np

from serving.coercion import Array, Cells, Coerced, coerce
from serving.errors import OversizedInputError
from serving.features import Column
from serving.signature import ANY

MAX_ELEMENTS = 64 * 1024 * 1024


def coerce_arrays(cells: Cells, column: Column) -> Coerced:
    """As one line of arrays, of as many rows. Raises OversizedInputError."""
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
