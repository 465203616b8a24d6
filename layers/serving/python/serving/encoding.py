"""Encoding: categories as numbers, and numbers as others, side by side in one input."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from serving.coercion import Array, Coerced, coerce
from serving.errors import ConfigurationError
from serving.preparation import Prepared
from serving.signature import ANY, Tensor

if TYPE_CHECKING:
    from serving.card_features import Feature

NUMERIC = "fiu"


def encoded_cells(feature: Feature, tensor: Tensor) -> Tensor:
    """What the cells of a feature are elements of, that goes into an input of which some feature is
    encoded; numbers are scaled as float64.

    Raises ConfigurationError where it cannot go there.
    """
    if tensor.dtype.kind not in NUMERIC or len(tensor.row_shape) > 1:
        raise ConfigurationError(
            f"features.{feature.name}: expected an input of numbers, at most a row of "
            f"them, to encode for, {tensor.name!r} is {tensor.datatype} {list(tensor.shape)}"
        )
    if feature.encode or feature.codes:
        _check_numbers(feature, tensor)
        return Tensor(feature.name, "BYTES", (ANY,))
    if tensor.dtype.kind == "f":
        return Tensor(feature.name, "FP64", (ANY,))
    if feature.is_encoded:
        raise ConfigurationError(
            f"features.{feature.name}.mean, std: expected none unless the input is of "
            f"floats, {tensor.name!r} is {tensor.datatype}"
        )
    return Tensor(feature.name, tensor.datatype, (ANY,))


def _check_numbers(feature: Feature, tensor: Tensor) -> None:
    """The card's own numbers fit the input."""
    numbers = feature.codes or range(len(feature.categories))
    for wrong, expected in coerce([*numbers], tensor.dtype).expected.items():
        raise ConfigurationError(
            f"features.{feature.name}.codes: expected {expected} for input "
            f"{tensor.name!r}, got {numbers[wrong]}"
        )


def encode(lines: Sequence[Array], features: Sequence[Feature], tensor: Tensor) -> Prepared:
    """The input that features share, from one line of cells for each of them."""
    parts = [_encoded(line, feature, tensor) for line, feature in zip(lines, features, strict=True)]
    expected = {
        place * len(part.values) + row: sentence
        for place, part in enumerate(parts)
        for row, sentence in part.expected.items()
    }
    values = np.concatenate([part.values for part in parts], axis=1)
    return Prepared({tensor.name: values if tensor.row_shape else values.reshape(-1)}, expected)


def _encoded(cells: Array, feature: Feature, tensor: Tensor) -> Coerced:
    """The elements of one feature, `[row, place]`."""
    if feature.categories:
        return Coerced(_numbers(feature, tensor)[_places(cells, feature.categories)], {})
    if tensor.dtype.kind != "f":
        return Coerced(cells.reshape(-1, 1), {})
    with np.errstate(over="ignore"):
        values = _scaled(cells, feature).astype(tensor.dtype)
    # A missing value is NaN before and after.
    wrong = np.flatnonzero(~np.isfinite(values) & ~np.isnan(cells))
    sentence = f"a number that is, scaled, of magnitude up to {np.finfo(values.dtype).max:.4g}"
    return Coerced(values.reshape(-1, 1), dict.fromkeys(wrong.tolist(), sentence))


def _places(cells: Array, categories: Sequence[str]) -> Array:
    """Among the categories; a wrong cell gets any."""
    places = {category: place for place, category in enumerate(categories)}
    return np.fromiter(map(places.get, cells.tolist(), repeat(0)), np.intp, len(cells))


def _numbers(feature: Feature, tensor: Tensor) -> Array:
    """What each category becomes, `[category, place]`."""
    count = len(feature.categories)
    if feature.encode == "one-hot":
        return np.eye(count, dtype=tensor.dtype)
    return np.array(feature.codes or range(count), tensor.dtype).reshape(-1, 1)


def _scaled(cells: Array, feature: Feature) -> Array:
    mean = 0.0 if feature.mean is None else feature.mean
    std = 1.0 if feature.std is None else feature.std
    scaled: Array = (cells - mean) / std
    return scaled
