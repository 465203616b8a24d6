"""Sample rows of a model: its golden ones, or one made up within what its card allows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cached_property
from itertools import cycle, islice
from typing import Any

import orjson

from cdk.deployed_model import DeployedModel
from gateway.content_encoding import MAX_DECODED_BYTES
from gateway.example import example_row
from serving.description import describe
from serving.errors import OversizedInputError
from serving.features import Column
from serving.golden import read_golden
from serving.limits import MAX_ROWS, require_room

Row = dict[str, Any]


class Sample:
    """Rows in the formats in which they are sent."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        self._columns = columns
        self._rows = rows

    @classmethod
    def of(cls, model: DeployedModel) -> Sample:
        golden = read_golden(model.directory)
        if golden is None:
            return cls(model.columns, [example_row(describe(model))])
        rows = [_as_object(row, model.columns) for row in golden.instances]
        return cls(model.columns, rows)

    def json(self) -> str:
        """A request of one row."""
        return orjson.dumps({"instances": self._rows[:1]}).decode()

    def csv(self, rows: int) -> bytes:
        """The rows again and again, below a header."""
        header, *lines = self._lines
        return b"".join([header, *islice(cycle(lines), rows)])

    @property
    def row_bytes(self) -> float:
        """Of one in CSV, on average."""
        _, *lines = self._lines
        return sum(map(len, lines)) / len(lines)

    @cached_property
    def most_rows(self) -> int:
        """How many a request may bring, by what the function allows and what a body holds."""
        allowed, refused = 0, MAX_ROWS + 1
        while refused - allowed > 1:
            rows = (allowed + refused) // 2
            if self._has_room(rows):
                allowed = rows
            else:
                refused = rows
        return allowed

    def _has_room(self, rows: int) -> bool:
        if len(self._lines[0]) + rows * self.row_bytes > MAX_DECODED_BYTES:
            return False
        try:
            require_room(rows, self._columns)
        except OversizedInputError:
            return False
        return True

    @cached_property
    def _lines(self) -> list[bytes]:
        names = [column.name for column in self._columns]
        cells = ([_text(row.get(name)) for name in names] for row in self._rows)
        return [_line(names), *map(_line, cells)]


def _as_object(row: Any, columns: Sequence[Column]) -> Row:  # noqa: ANN401 - as JSON has it
    """Golden rows may have any shape that a request may."""
    if isinstance(row, dict):
        return row
    if len(columns) == 1 and (columns[0].shape or not isinstance(row, list)):
        return {columns[0].name: row}
    return {column.name: cell for column, cell in zip(columns, row, strict=True)}


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else orjson.dumps(cell).decode()


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
