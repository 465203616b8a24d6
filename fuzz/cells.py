"""Cells that a model's columns take, of every lawful kind."""

from __future__ import annotations

import struct
from random import Random
from typing import Any

import numpy as np

from serving.features import Column

TEXT = "abz019 ,;:\"\\/\n\r\t=+-@'é€𝄞\u2028\x00nulltrueNaN"


def lawful_rows(columns: tuple[Column, ...], random: Random, length: int) -> list[list[object]]:
    """Rows as arrays in feature order. Cells that are arrays have one shape in all of them."""
    extent = random.randint(1, 3)
    return [[_cell(column, random, extent) for column in columns] for _ in range(length)]


def _cell(column: Column, random: Random, extent: int) -> object:
    if column.shape:
        return [_scalar(column, random) for _ in range(extent)]
    return _scalar(column, random)


def _scalar(column: Column, random: Random) -> object:
    feature = column.feature
    dtype: np.dtype[Any] = column.tensor.dtype
    if feature is not None and feature.categories:
        return random.choice(feature.categories)
    if feature is not None and feature.minimum is not None and feature.maximum is not None:
        return _between(feature.minimum, feature.maximum, random)
    if dtype.kind == "O":
        return "".join(random.choices(TEXT, k=random.choice([0, 1, 3, 12])))
    if dtype.kind == "b":
        return random.random() < 1 / 2
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        edges = [int(limits.min), int(limits.max), 0, 1]
        return random.choice([*edges, random.randint(int(limits.min), int(limits.max))])
    return _float(float(np.finfo(dtype).max), random)


def _between(minimum: float, maximum: float, random: Random) -> float:
    return random.choice([minimum, maximum, random.randint(int(minimum), int(maximum))])


def _float(largest: float, random: Random) -> float | int:
    return random.choice(
        [
            0,
            -0.0,
            random.randint(-1000, 1000),
            random.uniform(-10, 10),
            largest,
            -largest,
            5e-324,
            min(abs(_any_float(random)), largest),
        ]
    )


def _any_float(random: Random) -> float:
    (value,) = struct.unpack("<d", random.randbytes(8))
    return float(value) if np.isfinite(value) else 0.0
