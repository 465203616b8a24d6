"""Sample rows of a model: its golden ones, or one made up within what its card allows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
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
        self.rows = rows
        self._columns = columns

    @classmethod
    def of(cls, model: DeployedModel) -> Sample:
        golden = read_golden(model.directory)
        if golden is None:
            return cls(model.columns, [example_row(describe(model))])
        rows = [_as_object(row, model.columns) for row in golden.instances]
        return cls(model.columns, rows)

    def json(self) -> str:
        """A request of one row."""
        return orjson.dumps({"instances": self.rows[:1]}).decode()

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
        """How many a request may bring in CSV, by what the function allows and a body holds."""
        allowed, refused = 0, MAX_ROWS + 1
        while refused - allowed > 1:
            rows = (allowed + refused) // 2
            if self._has_room(rows):
                allowed = rows
            else:
                refused = rows
        return allowed

    def _has_room(self, rows: int) -> bool:
        if self._sum(len, rows) > MAX_DECODED_BYTES:
            return False
        # The header is a line too, and a cell may have several.
        if self._sum(lambda line: line.count(b"\n"), rows) > MAX_ROWS:
            return False
        try:
            require_room(rows, self._columns)
        except OversizedInputError:
            return False
        return True

    def _sum(self, measure: Callable[[bytes], int], rows: int) -> int:
        """Of the CSV of so many."""
        header, *each = map(measure, self._lines)
        times, rest = divmod(rows, len(each))
        return header + times * sum(each) + sum(each[:rest])

    @cached_property
    def _lines(self) -> list[bytes]:
        names = [column.name for column in self._columns]
        cells = ([_text(row.get(name)) for name in names] for row in self.rows)
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
