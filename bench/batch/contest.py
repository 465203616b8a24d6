"""A contest over files: contestants take turns, round by round, and must agree on the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bench.batch.contestants import Contestant
from bench.batch.outputs import read
from bench.batch.turn import Files, Turn
from bench.contest import Spread
from bench.contestant import ContestError

Entries = Mapping[str, tuple[Contestant, Files]]
Turns = dict[str, list[Turn]]


def compete(entries: Entries, *, rounds: int) -> Turns:
    """The first round warms up, and is not counted."""
    turns: Turns = {name: [] for name in entries}
    for _ in range(rounds + 1):
        for name, (contestant, files) in entries.items():
            turns[name].append(contestant.turn(files))
    return {name: measured[1:] for name, measured in turns.items()}


def compete_over(
    contestants: Mapping[str, Contestant], model: Path, source: Path, *, rounds: int
) -> Turns:
    """All of them over one file. Raises ContestError unless they write the same columns and the
    same predictions."""
    targets = {name: source.with_stem(f"{source.stem} {name}") for name in contestants}
    turns = compete(
        {
            name: (contestant, Files(model, (source,), targets[name]))
            for name, contestant in contestants.items()
        },
        rounds=rounds,
    )
    _require_agreement(targets.values())
    for target in targets.values():
        target.unlink()
    return turns


def _require_agreement(targets: Iterable[Path]) -> None:
    first, *others = targets
    expected_names, expected = read(first)
    for target in others:
        names, values = read(target)
        if names != expected_names or not np.array_equal(values, expected):
            raise ContestError(
                f"{target.name}: expected the columns and predictions of {first.name}, got others"
            )


def speed(turns: Turns, one: str, other: str) -> Spread:
    """How many times as fast one is as the other, by the clock, paired round by round."""
    pairs = zip(turns[one], turns[other], strict=True)
    return Spread.of([b.wall_s / a.wall_s for a, b in pairs])


def cpu(turns: Turns, one: str, other: str) -> Spread:
    """One's CPU time over the other's, paired round by round."""
    pairs = zip(turns[one], turns[other], strict=True)
    return Spread.of([a.cpu_s / b.cpu_s for a, b in pairs])
