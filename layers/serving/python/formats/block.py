"""A block: consecutive rows of a file, few enough to hold, scored together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from formats.row_file import MAX_ERRORS, RowCounts, RowError
from serving.errors import Fault, ModelError
from serving.features import Columns
from serving.feeds import Feeds, Rows, fill
from serving.model import Model
from serving.predictions import Values, encode

# The tokens and pixels that a block's cells become: some 32 MB.
MAX_PREPARED_ELEMENTS = 4 * 1024 * 1024
# A picture of a few bytes may take most of a second, and a block is lost as a whole.
MAX_PICTURES = 16


def most_rows(columns: Columns) -> int:
    """How many a block has room for, however little stands in their cells."""
    fitting = MAX_PREPARED_ELEMENTS // max(columns.prepared_size, 1)
    pictures = len(columns.pictures)
    return max(min(fitting, MAX_PICTURES // pictures) if pictures else fitting, 1)


@dataclass(frozen=True, slots=True)
class Scored:
    """A block's predictions: for the `good` rows alone, in order; every other row has its fault."""

    length: int
    good: Sequence[int]
    values: Mapping[str, Values]
    faults: Mapping[int, Fault]

    @property
    def counts(self) -> RowCounts:
        return RowCounts(total=self.length, ok=len(self.good), bad=len(self.faults))

    @property
    def errors(self) -> tuple[RowError, ...]:
        """The first faults, as a manifest has them: rows count from 1."""
        return tuple(
            RowError(row + 1, fault.column, fault.expected, fault.got)
            for row, fault in sorted(self.faults.items())[:MAX_ERRORS]
        )


def score_rows(rows: Rows, misshapen: Mapping[int, Fault], model: Model) -> Scored:
    """Score every row that can be; a bad one costs only its own prediction.

    `misshapen` rows are bad before their cells are looked at. Raises ModelError where the graph
    fails on rows together although it takes each of them alone.
    """
    filled = fill(rows, model.columns)
    faults = {**first_faults(filled.faults), **misshapen}
    return score_feeds(filled.feeds, rows.length, faults, model)


def first_faults(faults: Sequence[Fault]) -> dict[int, Fault]:
    """The first fault of each row that has one."""
    return {fault.row: fault for fault in reversed(faults)}


def score_feeds(feeds: Feeds, length: int, faults: Mapping[int, Fault], model: Model) -> Scored:
    """Score the rows without a fault; the others' elements are placeholders. Raises as
    `score_rows` does."""
    try:
        return _score(feeds, length, faults, model)
    except ModelError:
        refused = _refused(feeds, length, faults, model)
        if not refused:
            raise
    return _score(feeds, length, {**faults, **refused}, model)


def _score(feeds: Feeds, length: int, faults: Mapping[int, Fault], model: Model) -> Scored:
    good = [row for row in range(length) if row not in faults] if faults else range(length)
    if not good:
        return Scored(length, good, {}, faults)
    raw = model.predict(_pick(feeds, good) if faults else feeds, len(good))
    return Scored(length, good, encode(raw, model.outputs), faults)


def _refused(
    feeds: Feeds, length: int, faults: Mapping[int, Fault], model: Model
) -> dict[int, Fault]:
    """The rows on which the graph fails, found by running each alone."""
    refused = {}
    for row in range(length):
        if row in faults:
            continue
        try:
            encode(model.predict(_pick(feeds, [row]), 1), model.outputs)
        except ModelError:
            refused[row] = Fault(row, None, "a row that the model can predict", "one it fails on")
    return refused


def _pick(feeds: Feeds, rows: Sequence[int]) -> Feeds:
    picked = np.array(rows, dtype=np.intp)
    return {name: array[picked] for name, array in feeds.items()}
