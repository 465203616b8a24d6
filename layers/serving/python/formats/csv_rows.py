"""The rows of a block of CSV records: where they stand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from formats.csv_boundaries import CARRIAGE_RETURN, LINE_FEED, Positions
from formats.splice import content, slices
from formats.text_blocks import Records
from serving.csv_records import MAX_CELL_CHARACTERS


class CsvRows:
    """Records that are no blank lines: from their `starts` to their `stops`, where the line ending
    begins."""

    def __init__(self, records: Records) -> None:
        self.data = records.data
        self._codes = np.frombuffer(self.data, np.uint8)
        starts = np.concatenate([[0], records.ends])[:-1].astype(np.intp)
        stops = self._without_endings(starts, records.ends)
        is_row = starts < stops
        self.starts, self.stops = starts[is_row], stops[is_row]

    def __len__(self) -> int:
        return len(self.starts)

    def texts(self, rows: Iterable[int]) -> dict[int, str]:
        """The text of some rows, without their line endings."""
        return {row: self.data[self.starts[row] : self.stops[row]].decode() for row in rows}

    def data_of(self, rows: NDArray[np.bool_]) -> bytes:
        """Some rows and the blank lines around them."""
        if rows.all():
            return self.data
        bounds = np.concatenate([[0], self.starts[1:], [len(self.data)]])
        return content(slices(self.data, bounds).filter(pa.array(rows)))

    def are_simple(self) -> NDArray[np.bool_]:
        """Rows without a carriage return inside, and without room for a cell that is too long."""
        are_simple = self.stops - self.starts <= MAX_CELL_CHARACTERS
        if b"\r" in self.data:
            returns = np.flatnonzero(self._codes == CARRIAGE_RETURN)
            rows = np.searchsorted(self.starts, returns, side="right") - 1
            are_simple[rows[(rows >= 0) & (returns < self.stops[rows])]] = False
        return are_simple

    def _without_endings(self, starts: Positions, ends: Positions) -> Positions:
        stops: Positions = ends - (self._codes[ends - 1] == LINE_FEED)
        while (returns := (stops > starts) & (self._codes[stops - 1] == CARRIAGE_RETURN)).any():
            stops = stops - returns
        return stops
