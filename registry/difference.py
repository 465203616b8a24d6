"""The difference between what two graphs answer to the same rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from serving.coercion import Array
from serving.predictions import Raw


class Difference(NamedTuple):
    """The largest over all elements. `allowed_from` is the smallest tolerance, absolute and
    relative, that lets all of them pass; infinite where the answers are of different kinds."""

    absolute: float
    relative: float
    allowed_from: float

    def __str__(self) -> str:
        return f"{self.absolute:.1e}" if self.absolute else "nothing"


NONE = Difference(0, 0, 0)
UNLIKE = Difference(math.inf, math.inf, math.inf)


def difference(got: Mapping[str, Raw], expected: Mapping[str, Raw]) -> Difference:
    """Of outputs by their names."""
    differences = [_of_output(got[name], raw) for name, raw in expected.items()]
    return Difference(*map(max, zip(NONE, *differences, strict=True)))


def _of_output(got: Raw, expected: Raw) -> Difference:
    if isinstance(got, np.ndarray) and isinstance(expected, np.ndarray):
        return _of_arrays(got, expected)
    if isinstance(got, list) and isinstance(expected, list) and _keys(got) == _keys(expected):
        return _of_arrays(*(np.array([[*row.values()] for row in raw]) for raw in (got, expected)))
    return UNLIKE


def _keys(maps: list[dict[Any, Any]]) -> list[list[Any]]:
    return [*map(list, maps)]


def _of_arrays(got: Array, expected: Array) -> Difference:
    if (got.shape, got.dtype) != (expected.shape, expected.dtype):
        return UNLIKE
    if got.dtype.kind != "f":
        return NONE if np.array_equal(got, expected) else UNLIKE
    theirs = expected.astype(np.float64).ravel()
    ours = got.astype(np.float64).ravel()
    differing = ~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))
    if not differing.any():
        return NONE
    ours, theirs = ours[differing], theirs[differing]
    if not (np.isfinite(ours) & np.isfinite(theirs)).all():
        return UNLIKE
    with np.errstate(divide="ignore", over="ignore"):
        distance, size = np.abs(ours - theirs), np.abs(theirs)
        each = (distance, distance / size, distance / (1 + size))
    return Difference(*(float(values.max()) for values in each))
