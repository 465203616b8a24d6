"""A contest over files: contestants take turns, round by round, and must agree on the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.batch.contestants import Contestant
from bench.batch.outputs import predictions
from bench.batch.turn import Files, Turn
from bench.contestant import ContestError

Turns = dict[str, list[Turn]]


def compete(
    contestants: Mapping[str, Contestant], files: Files, *, rounds: int, agree: bool = True
) -> Turns:
    """The first round warms up and is not counted; its outputs are compared where all of them
    `agree`, and raise ContestError unless they do."""
    own = {
        name: replace(files, target=files.target.with_stem(name.replace(" ", "-")))
        for name in contestants
    }
    for name, contestant in contestants.items():
        contestant.turn(own[name])
    if agree:
        _require_agreement([each.target for each in own.values()])
    turns: Turns = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            turns[name].append(contestant.turn(own[name]))
    for each in own.values():
        each.target.unlink()
    return turns


def _require_agreement(targets: list[Path]) -> None:
    expected_names, expected = predictions(targets[0])
    for target in targets[1:]:
        names, values = predictions(target)
        if names != expected_names or not np.array_equal(values, expected):
            raise ContestError(
                f"expected the same columns and predictions of all, got others in {target.name} "
                f"than in {targets[0].name}"
            )
