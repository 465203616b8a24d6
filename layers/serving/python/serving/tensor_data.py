"""The elements of a tensor as the Open Inference Protocol carries them: in JSON, or as bytes.

In JSON they are one flat array or nested as the shape is. As bytes, numbers are little-endian and
row-major, and booleans one byte of 0 or 1 each; a string is its length in four bytes and its UTF-8.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from serving.coercion import Array, Coerced, coerce
from serving.errors import ENOUGH_FAULTS

# Cells are coerced this many at a time: a body of wrong ones is not examined to its end.
CHUNK_CELLS = 65_536

_LENGTH = struct.Struct("<I")


def flatten(data: list[object], shape: Sequence[int]) -> list[object] | None:
    """The cells of an array, flat or nested; None where it is neither as long as the shape nor
    nested as it."""
    if not (data and isinstance(data[0], list)) or len(shape) <= 1:
        return data if len(data) == math.prod(shape) else None
    cells = data
    for extent, inner in pairwise(shape):
        if len(cells) % max(extent, 1) or not all(
            type(cell) is list and len(cell) == inner for cell in cells
        ):
            return None
        cells = list(chain.from_iterable(cells))  # type: ignore[arg-type] # lists, as just seen
    return cells if len(data) == shape[0] else None


def from_cells(cells: list[object], dtype: np.dtype[np.generic]) -> Coerced:
    """Flat cells by the strict rules. Of wrong ones, ENOUGH_FAULTS may be all that are reported."""
    if len(cells) <= CHUNK_CELLS:
        return coerce(cells, dtype)
    whole = Coerced(np.empty(len(cells), dtype), {})
    for start in range(0, len(cells), CHUNK_CELLS):
        coerced = coerce(cells[start : start + CHUNK_CELLS], dtype)
        whole.values[start : start + CHUNK_CELLS] = coerced.values
        whole.expected.update({start + i: said for i, said in coerced.expected.items()})
        if len(whole.expected) >= ENOUGH_FAULTS:
            break
    return whole


def from_bytes(data: memoryview, dtype: np.dtype[np.generic], count: int) -> Coerced | None:
    """`count` elements; None where `data` has not room for exactly as many."""
    if dtype.kind == "O":
        return _strings(data, count)
    if len(data) != count * dtype.itemsize:
        return None
    if dtype.kind == "b":
        values = np.frombuffer(data, np.uint8)
        wrong = np.flatnonzero(values > 1).tolist()
        return Coerced(values.astype(dtype), dict.fromkeys(wrong, "a byte of 0 or 1"))
    # Kernels may rely on alignment, and behind JSON of any length there is none.
    values = np.require(np.frombuffer(data, dtype.newbyteorder("<")), requirements="A")
    return Coerced(values, {})


def _strings(data: memoryview, count: int) -> Coerced | None:
    texts: list[str] = []
    wrong: dict[int, str] = {}
    end = 0
    while end + _LENGTH.size <= len(data) and len(texts) < count:
        start = end + _LENGTH.size
        end = start + _LENGTH.unpack_from(data, end)[0]
        try:
            texts.append(str(data[start:end], "utf-8"))
        except UnicodeDecodeError:
            wrong[len(texts)] = "UTF-8"
            texts.append("")
    if end != len(data) or len(texts) != count:
        return None
    return Coerced(np.array(texts, dtype=object), wrong)


def to_bytes(values: Array) -> bytes:
    if values.dtype.kind != "O":
        return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    content = bytearray()
    for text in values.ravel():
        encoded = text.encode()
        content += _LENGTH.pack(len(encoded))
        content += encoded
    return bytes(content)
