"""Everything the engine raises, split by who must act.

ServingError
├── ConfigurationError        the operator: a card, a directory or a setting is wrong; fails at load
│   └── GoldenError               a version does not predict what it promised
├── InvalidInputError         the caller: what was sent cannot be scored
│   ├── MalformedInputError       it cannot be read at all (not JSON, no rows, header missing)
│   ├── OversizedInputError       it holds more rows or cells than are scored at once
│   ├── InvalidRowsError          it can be read, but some cells are wrong; carries every fault
│   │   └── UnpredictableRowError     it is as the card wants it, but the graph fails on one row
│   └── InvalidTensorError        it can be read, but a tensor does not fit the graph
└── ModelError                the model's author: the graph failed on input that its card allows
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import NamedTuple

SHOWN_CHARACTERS = 40
# Names are shown whole as long as they may be names: whoever sends one of 5 MB gets no such answer.
NAME_CHARACTERS = 200
# A body of 6 MB has room for two million empty rows, and nobody reads what is wrong with each:
# with so many faults of a kind, no more are looked for.
ENOUGH_FAULTS = 1000


JSON_WORDS = {None: "null", True: "true", False: "false"}


class ServingError(Exception):
    """The base of all errors that the engine raises on purpose."""


class ConfigurationError(ServingError):
    """The deployment is wrong; nothing can be served until somebody mends it."""


class GoldenError(ConfigurationError):
    """A version's golden rows are none, or get other predictions than they must."""


class InvalidInputError(ServingError):
    """The caller sent something that cannot be scored."""


class MalformedInputError(InvalidInputError):
    """The input cannot be read as what it claims to be."""


class OversizedInputError(InvalidInputError):
    """The input holds more rows or cells than are scored at once."""


class ModelError(ServingError):
    """The graph failed on rows that its card and signature allow."""


class Fault(NamedTuple):
    """One thing wrong with one cell, or with a whole row when `column` is None.

    `row` counts from 0 within the rows that were decoded together.
    """

    row: int
    column: str | None
    expected: str
    got: str

    def __str__(self) -> str:
        where = "" if self.column is None else f"{shortened(self.column, NAME_CHARACTERS)}: "
        return f"{where}expected {self.expected}, got {self.got}"


class InvalidRowsError(InvalidInputError):
    """Some rows are wrong; `faults` says which, where, and what was expected.

    `pointers` gives for each fault its place in the JSON document that was sent, where it was one.
    Messages number rows from `first_row` on.
    """

    def __init__(
        self, faults: Sequence[Fault], pointers: Sequence[str] = (), *, first_row: int = 0
    ) -> None:
        self.faults = tuple(faults)
        self.pointers = tuple(pointers)
        self.first_row = first_row
        super().__init__(f"row {faults[0].row + first_row}: {faults[0]}{_more(faults)}")


class UnpredictableRowError(InvalidRowsError):
    """The graph fails on a row that its card and signature allow."""


class Misfit(NamedTuple):
    """One thing wrong at one place of a document; `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    expected: str
    got: str


class InvalidTensorError(InvalidInputError):
    """A tensor, or what is said of it, does not fit the graph; `subject` names it."""

    def __init__(self, subject: str, misfits: Sequence[Misfit]) -> None:
        self.misfits = tuple(misfits)
        first = misfits[0]
        sentence = f"{subject}: expected {first.expected}, got {first.got}{_more(misfits)}"
        super().__init__(sentence)


def _more(found: Sequence[object]) -> str:
    """Of so many, what a sentence about the first says of the others."""
    least = "at least " if len(found) >= ENOUGH_FAULTS else ""
    return f" (and {least}{len(found) - 1} more)" if len(found) > 1 else ""


def trace_of(error: BaseException) -> dict[str, object]:
    """What a log may say of an error: its type and where it arose, but not its message, which may
    quote the payload."""
    return {
        "error_type": type(error).__name__,
        "error_frames": traceback.format_tb(error.__traceback__),
    }


def shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[:characters] + "…"


def shown(value: object) -> str:
    """A value as an error message shows it: its JSON kind and the start of its text."""
    match value:
        case None | bool():
            return JSON_WORDS[value]
        case str():
            return f'"{shortened(value, SHOWN_CHARACTERS)}"'
        case bytes():
            return f"{len(value)} bytes"
        case list():
            return f"an array of {len(value)}"
        case dict():
            return "an object"
    return str(value)
