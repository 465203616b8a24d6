"""Texts put into a block at its rows, without a Python object for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from formats.csv_boundaries import Positions

BINARY = pa.large_binary()
NOTHING = pa.scalar(b"", BINARY)


def slices(data: bytes, bounds: Positions) -> pa.Array:
    """The consecutive pieces of `data` between the bounds, not copied."""
    offsets = np.ascontiguousarray(bounds, np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(BINARY, len(bounds) - 1, buffers)


def joined(*texts: pa.Array | bytes) -> pa.Array:
    """Texts side by side, element by element; bytes stand in every one."""
    parts = [pa.scalar(text, BINARY) if isinstance(text, bytes) else text for text in texts]
    return pc.binary_join_element_wise(*parts, NOTHING)


def arranged(texts: Mapping[int, bytes], others: pa.Array, length: int) -> pa.Array:
    """Some rows' own texts, and the others' in their order."""
    if not texts:
        return others
    own = pa.array(list(texts.values()), BINARY)
    rows = np.fromiter(texts, np.intp, len(texts))
    is_other = np.ones(length, bool)
    is_other[rows] = False
    order = np.empty(length, np.intp)
    order[is_other] = np.arange(len(others))
    order[rows] = len(others) + np.arange(len(texts))
    return pa.concat_arrays([others, own]).take(pa.array(order))


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows begin in a block, and where something is added to each."""

    starts: Positions
    additions: Positions


def spliced(
    data: bytes, places: Places, additions: pa.Array, rewritten: Mapping[int, bytes]
) -> bytes:
    """`data` with an addition at each row's place; a rewritten row has other text before it."""
    bounds = np.concatenate([[0], places.additions])
    pieces = slices(data, bounds)
    if rewritten:
        kept = np.ones(len(pieces), bool)
        kept[[*rewritten]] = False
        texts = {
            row: data[bounds[row] : places.starts[row]] + text for row, text in rewritten.items()
        }
        pieces = arranged(texts, pieces.filter(pa.array(kept)), len(pieces))
    return content(joined(pieces, additions)) + data[bounds[-1] :]


def content(texts: pa.Array) -> bytes:
    """All of the texts, one behind the other."""
    if not len(texts):
        return b""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(data[bounds[0] : bounds[-1]])
