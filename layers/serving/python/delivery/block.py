"""A block: consecutive rows of a file, few enough to hold, scored together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from serving.errors import Fault, ModelError
from serving.feeds import Feeds, Rows, fill
from serving.model import Model
from serving.predictions import Values, encode

MAX_LINES = 4096
MAX_CHARACTERS = 1024 * 1024

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Scored:
    """A block's predictions: for the `good` rows alone, in order; every other row has its fault."""

    length: int
    good: Sequence[int]
    values: Mapping[str, Values]
    faults: Mapping[int, Fault]


def in_blocks(lines: Iterable[Line], *, size: Callable[[Line], int]) -> Iterator[list[Line]]:
    """Group lines into blocks of bounded number and of bounded `size` in characters."""
    block: list[Line] = []
    characters = 0
    for line in lines:
        block.append(line)
        characters += size(line)
        if len(block) == MAX_LINES or characters > MAX_CHARACTERS:
            yield block
            block, characters = [], 0
    if block:
        yield block


def score_rows(rows: Rows, misshapen: Mapping[int, Fault], model: Model) -> Scored:
    """Score every row that can be; a bad one costs only its own prediction.

    `misshapen` rows are bad before their cells are looked at. Raises ModelError where the graph
    fails on rows together although it takes each of them alone.
    """
    filled = fill(rows, model.columns)
    faults = {fault.row: fault for fault in reversed(filled.faults)} | dict(misshapen)
    try:
        return _score(filled.feeds, rows.length, faults, model)
    except ModelError:
        refused = _refused(filled.feeds, rows.length, faults, model)
        if not refused:
            raise
    return _score(filled.feeds, rows.length, faults | refused, model)


def _score(feeds: Feeds, length: int, faults: Mapping[int, Fault], model: Model) -> Scored:
    good = [row for row in range(length) if row not in faults]
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
