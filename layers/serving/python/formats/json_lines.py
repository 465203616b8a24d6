"""The rows of a block of JSON lines: where they stand, and what they say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np
import orjson

from formats.csv_boundaries import CARRIAGE_RETURN, LINE_FEED, Positions
from formats.splice import Places
from formats.text_blocks import Records
from serving.lines import BOM

CLOSING_BRACE = ord("}")


class NotJson:
    """What a line says that is not JSON."""


class Blank:
    """What a line says that has nothing but spaces."""


def line_ends(data: bytes) -> Positions:
    """The places behind the line feeds."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == LINE_FEED) + 1


class JsonLines:
    """Lines that are not blank: from their `starts` to their `stops`, where the line ending begins,
    and the value of each."""

    def __init__(self, records: Records) -> None:
        self.data = records.data
        self._codes = np.frombuffer(self.data, np.uint8)
        values = _values(self.data.split(b"\n")[: len(records.ends)])
        is_row = [not isinstance(value, Blank) for value in values]
        self.values = list(compress(values, is_row))
        self.starts = np.concatenate([[0], records.ends])[:-1].astype(np.intp)[is_row]
        self.stops = self._without_endings(records.ends)[is_row]

    def __len__(self) -> int:
        return len(self.values)

    def text(self, row: int) -> str:
        return self.data[self.starts[row] : self.stops[row]].decode()

    def places(self) -> Places:
        """Where each object is closed, and where each other value ends."""
        is_object = np.array([isinstance(value, dict) for value in self.values], bool)
        ends_closed = self._codes[self.stops - 1] == CLOSING_BRACE
        places = self.stops - (is_object & ends_closed)
        for row in np.flatnonzero(is_object & ~ends_closed):
            places[row] = self.data.rindex(b"}", 0, self.stops[row])
        return Places(self.starts, places)

    def _without_endings(self, ends: Positions) -> Positions:
        stops: Positions = ends - (self._codes[ends - 1] == LINE_FEED)
        stops -= (stops > 0) & (self._codes[stops - 1] == CARRIAGE_RETURN)
        return stops


def _values(lines: Sequence[bytes]) -> list[Any]:
    values: list[Any] = []
    parsed = map(orjson.loads, lines)
    while len(values) < len(lines):
        try:
            # What was read before an error stays, and behind it reading goes on.
            values.extend(parsed)
        except orjson.JSONDecodeError:
            values.append(_value_of_odd(lines[len(values)].decode()))
    return values


def _value_of_odd(line: str) -> object:
    if not line or line.isspace():
        return Blank()
    try:
        return orjson.loads(line.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return NotJson()
