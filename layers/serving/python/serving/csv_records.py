"""CSV records (RFC 4180) with the very text that they came as.

A quoted cell may hold separators, quotes and newlines; a quote inside an unquoted cell is literal.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from serving.errors import MalformedInputError
from serving.lines import BOM, MAX_LINE_CHARACTERS

MAX_CELL_CHARACTERS = 1024 * 1024
csv.field_size_limit(MAX_CELL_CHARACTERS)


class Record(NamedTuple):
    """One record: its text up to the line ending, the ending, its cells. A blank line has none."""

    text: str
    ending: str
    cells: Sequence[str]


def records_of(lines: Iterable[str]) -> Iterator[Record]:
    """Read records from lines that keep their endings.

    Raises MalformedInputError at a quote that never closes, at a lone carriage return outside
    quotes, at a cell of more than MAX_CELL_CHARACTERS and at a record of more than
    MAX_LINE_CHARACTERS.
    """
    tape = _Tape(lines)
    reader = csv.reader(tape)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise MalformedInputError(
                f"line {tape.line}: expected records that end in line feeds, of cells of up to "
                f"{MAX_CELL_CHARACTERS} characters, got a carriage return or a longer cell"
            ) from error
        # A record that is whole ends with its line; only an open quote reads on to the end.
        if tape.ended:
            raise MalformedInputError(
                f"line {tape.line}: expected a closing quote before the end, got none"
            )
        yield _record(tape.take(), cells)


def _record(raw: str, cells: Sequence[str]) -> Record:
    text = raw.rstrip("\r\n")
    return Record(text, raw[len(text) :], cells)


class _Tape:
    """Lines on their way into the CSV reader, remembered until their record is whole."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._taken: list[str] = []
        self._continued_characters = 0
        self.line = 0
        self.ended = False

    def __iter__(self) -> _Tape:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.line += 1
        if self._taken:
            self._continue(line)
        self._taken.append(line)
        return line.removeprefix(BOM) if self.line == 1 else line

    def _continue(self, line: str) -> None:
        self._continued_characters += len(line)
        if self._continued_characters > MAX_LINE_CHARACTERS:
            raise MalformedInputError(
                f"line {self.line}: expected records of up to {MAX_LINE_CHARACTERS} characters, "
                f"got a longer one"
            )

    def take(self) -> str:
        taken, self._taken, self._continued_characters = self._taken, [], 0
        return taken[0] if len(taken) == 1 else "".join(taken)
