"""CSV text that is nothing but numbers, as many in every row: read at once, however many columns
there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from formats.csv_boundaries import COMMA, LINE_FEED, Positions

SEPARATORS = bytes([COMMA, LINE_FEED])

Floats = NDArray[np.float64]


def read_grid(text: bytes, length: int, width: int, columns: Sequence[int]) -> Floats | None:
    """The cells of some columns as float64, `[row, column]`, of `length` rows of `width` cells.

    None where the text is no such grid, or Arrow takes one of the cells for no number. What it
    takes for one may be infinite, or NaN.
    """
    if b'"' in text or b"\r" in text:
        return None
    text = text if text.endswith(b"\n") else text + b"\n"
    ends = _ends(text, length, width)
    if ends is None:
        return None
    cells = _texts(text, ends)
    if [*columns] != [*range(width)]:
        wanted = np.arange(len(cells)).reshape(length, width)[:, columns]
        cells = cells.take(pa.array(wanted.reshape(-1)))
    try:
        values: Floats = cells.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    return values.reshape(length, len(columns))


def _ends(text: bytes, length: int, width: int) -> Positions | None:
    """Where each cell ends, if every row has as many."""
    codes = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((codes == COMMA) | (codes == LINE_FEED))
    if len(ends) != length * width:
        return None
    ends_row = codes[ends] == LINE_FEED
    is_grid = np.count_nonzero(ends_row) == length and ends_row[width - 1 :: width].all()
    return ends if is_grid else None


def _texts(text: bytes, ends: Positions) -> pa.StringArray:
    """The cells, side by side without what separates them."""
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    bare = text.translate(None, SEPARATORS)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(bare)]
    return pa.Array.from_buffers(pa.string(), len(ends), buffers)
