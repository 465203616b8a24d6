"""The strict rules by which cells become tensor elements, the same in every door.

Text becomes a float64, then the tensor's type. Floats round to the nearest; integers are exact;
everything else is wrong: `true` for a number, "1.5" in JSON, NaN, 1.9 for an integer, a number
that the tensor's type cannot hold.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

# What numpy.typing.NDArray[Any] is, without an import that costs a cold start half a millisecond.
Array: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[Any]]
Cells = Sequence[object] | Array

# Below this magnitude a float64 that is whole is the very number that was written.
EXACT_FLOAT64 = 2**53
INT64 = np.dtype(np.int64)
# Longer runs of digits are read as a float64, as JSON parsers do, and no integer tensor takes them.
MAX_INTEGER_CHARACTERS = 21


# Up to so many cells, asking each for its type is faster than numpy.
FEW_CELLS = 100


class Absent(Enum):
    """A cell that is not there: no such key in an object, nothing between two separators."""

    CELL = "nothing"

    def __str__(self) -> str:
        return self.value


ABSENT: Final = Absent.CELL


class Coerced(NamedTuple):
    """One array element per cell, and for each wrong cell (by index) what was expected instead.

    The element of a wrong cell is a placeholder and must not be scored.
    """

    values: Array
    expected: dict[int, str]


def is_missing(cell: object) -> bool:
    return cell is None or cell is ABSENT


def coerce(cells: Cells, dtype: np.dtype[np.generic]) -> Coerced:
    """Cells as JSON gives them (bool, int, float, str, list, dict, None or ABSENT) as an array.

    `dtype` is a tensor's: bool, an integer, a float, or object for strings. Float tensors also take
    an array of float64.
    """
    return _COERCIONS[dtype.kind](cells, dtype)


def as_matrix(rows: Sequence[Sequence[object]], width: int) -> Array | None:
    """Rows as float64; None unless each has `width` cells and every one is a number.

    Row by row, since their cells lie side by side in memory.
    """
    pack = struct.Struct(f"{width}d").pack
    try:
        values = np.frombuffer(b"".join([pack(*row) for row in rows]))
    except (struct.error, TypeError):
        return None
    return values.reshape(-1, width) if _are_numbers(values, chain.from_iterable(rows)) else None


def _floats(cells: Cells, dtype: np.dtype[Any]) -> Coerced:
    expected: dict[int, str] = {}
    values = cells if isinstance(cells, np.ndarray) else _float64(cells)
    if values is None:
        expected = _others(cells, {int, float}, "a number")
        values = np.array(_without(cells, expected, placeholder=0.0), dtype=np.float64)
    with np.errstate(over="ignore"):
        narrowed = values.astype(dtype)
    finite = np.isfinite(narrowed)
    if not finite.all():
        for index in np.flatnonzero(~finite):
            expected[int(index)] = f"a number of magnitude up to {np.finfo(dtype).max:.4g}"
    return Coerced(narrowed, expected)


def _float64(cells: Sequence[object]) -> Array | None:
    """The cells, if all of them are numbers; three times as fast as np.array."""
    try:
        values = np.frombuffer(struct.pack(f"{len(cells)}d", *cells))
    except struct.error:
        return None
    return values if _are_numbers(values, cells) else None


def _are_numbers(packed: Array, cells: Iterable[object]) -> bool:
    """Of all that JSON has, nothing else packs as a double but booleans, and they as 0 and 1."""
    if len(packed) > FEW_CELLS and not ((packed == 0) | (packed == 1)).any():
        return True
    return bool not in set(map(type, cells))


def _integers(cells: Cells, dtype: np.dtype[Any]) -> Coerced:
    if set(map(type, cells)) == {int}:
        try:
            return Coerced(np.array(cells, dtype=dtype), {})
        except OverflowError:
            pass  # some cell is out of range: find out which
    limits = np.iinfo(dtype)
    sentence = f"a whole number from {limits.min} to {limits.max}"
    if dtype == INT64:
        sentence = "a whole number of 64 bits"
    whole = [_whole(cell) for cell in cells]
    expected = {
        index: sentence
        for index, value in enumerate(whole)
        if value is None or not limits.min <= value <= limits.max
    }
    return Coerced(np.array(_without(whole, expected, placeholder=0), dtype=dtype), expected)


def _whole(cell: object) -> int | None:
    if type(cell) is int:
        return cell
    if type(cell) is float and cell.is_integer() and abs(cell) < EXACT_FLOAT64:
        return int(cell)
    return None


def _booleans(cells: Cells, dtype: np.dtype[Any]) -> Coerced:
    expected = _others(cells, {bool}, "true or false")
    return Coerced(np.array(_without(cells, expected, placeholder=False), dtype=dtype), expected)


def _strings(cells: Cells, dtype: np.dtype[Any]) -> Coerced:
    expected = _others(cells, {str}, "a string")
    return Coerced(np.array(_without(cells, expected, placeholder=""), dtype=dtype), expected)


_COERCIONS: dict[str, Callable[[Cells, np.dtype[Any]], Coerced]] = {
    "f": _floats,
    "i": _integers,
    "u": _integers,
    "b": _booleans,
    "O": _strings,
}


def _others(cells: Cells, types: set[type], sentence: str) -> dict[int, str]:
    if isinstance(cells, np.ndarray):
        return {}
    kinds = [*map(type, cells)]
    # Mostly they are all of one type, and counting those takes half the time of a set.
    if kinds and kinds[0] in types and kinds.count(kinds[0]) == len(kinds):
        return {}
    if set(kinds) <= types:
        return {}
    return {index: sentence for index, cell in enumerate(cells) if type(cell) not in types}


def _without(cells: Cells, wrong: dict[int, str], *, placeholder: object) -> Cells:
    if not wrong:
        return cells
    return [placeholder if index in wrong else cell for index, cell in enumerate(cells)]


# Over these characters, float() and int() accept the decimal grammar and nothing else: no "nan",
# no "1_0", no digits of other scripts.
_DECIMAL = re.compile(r"[0-9+\-.eE]+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def from_text(cells: Sequence[str], dtype: np.dtype[np.generic]) -> Cells:
    """Text cells as the JSON values that they spell for a tensor of `dtype`.

    Spaces around a number are no part of it. An empty cell is ABSENT, but for strings, where it is
    the empty string. What spells nothing stays text, and `coerce` will refuse it.
    """
    if dtype.kind == "O":
        return cells
    if dtype.kind == "b":
        return [_BOOLEANS.get(cell, cell) if cell else ABSENT for cell in cells]
    numbers = _all_numbers(cells) if dtype.kind == "f" else None
    return [_number(cell) for cell in cells] if numbers is None else numbers


def _all_numbers(cells: Sequence[str]) -> Array | None:
    """The cells as float64 where every one is plainly a number; the common case, at C speed."""
    if "" in cells or not _DECIMAL.fullmatch("".join(cells)):
        return None
    try:
        values = np.array([*map(float, cells)])
    except ValueError:
        return None
    # JSON reads "-0" as the integer 0 and "-0.0" as a float; only `_number` tells them apart.
    return None if np.signbit(values[values == 0]).any() else values


def _number(text: str) -> object:
    text = text.strip(" \t")
    if not text:
        return ABSENT
    if _INTEGER.fullmatch(text) and len(text) <= MAX_INTEGER_CHARACTERS:
        value = int(text)
        return value if -(2**63) <= value < 2**64 else float(value)
    try:
        return float(text) if _DECIMAL.fullmatch(text) else text
    except ValueError:
        return text
