"""The field: who takes part, each in processes of its own as long as the context lasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.batch import floor, ours, pandas_loop
from bench.batch.contestants import Contestant, Loop, MiniBatches
from bench.batch.score_function import ScoreFunction

OURS, END_TO_END = "ours", "ours end to end"
FLOOR, ONE_THREAD = "floor", "floor on one thread"
PANDAS, MINI_BATCHES = "pandas", "HTTP mini-batches"

Field = Mapping[str, Contestant]


@contextmanager
def with_the_floor(model: Path, directory: Path) -> Iterator[Field]:
    """Objects in storage lie in the directory."""
    with pair() as both, ScoreFunction(model, directory) as function, _floor(1) as one_thread:
        yield {**both, END_TO_END: function, ONE_THREAD: one_thread}


@contextmanager
def with_rivals(model: Path) -> Iterator[Field]:
    with alone() as mine, Loop(pandas_loop.score) as pandas, MiniBatches(model) as mini_batches:
        yield {OURS: mine, PANDAS: pandas, MINI_BATCHES: mini_batches}


@contextmanager
def pair() -> Iterator[Field]:
    with alone() as mine, _floor(2) as bare:
        yield {OURS: mine, FLOOR: bare}


def alone() -> Contestant:
    return Loop(ours.score)


def planner() -> Contestant:
    return Loop(ours.plan)


def _floor(threads: int) -> Contestant:
    return Loop(partial(floor.score, threads=threads))
