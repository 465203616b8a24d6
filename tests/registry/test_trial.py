"""A trial is a gain when it is right, no slower, and faster to load; the fastest is the best."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.candidate import AS_IS, Candidate
from registry.difference import NONE
from registry.ratio import Ratio
from registry.trial import Trial, best_of

SAME = [1.0, 1.1, 0.9, 1.0]


def trial(name: str, *, warm: list[float] = SAME, cold: list[float] = SAME) -> Trial:
    """Of one that is right; times in seconds."""
    times = {AS_IS: [1.0] * 4, name: warm}, {AS_IS: [1.0] * 4, name: cold}
    return Trial(Candidate(name, Path()), NONE).timed(*times)


@pytest.mark.parametrize(
    ("warm", "cold", "verdict"),
    [
        (SAME, [0.5, 0.6, 0.5, 0.4], "a gain"),
        ([0.5] * 4, [0.5] * 4, "a gain"),
        (SAME, SAME, "loads no faster"),
        (SAME, [0.97] * 4, "loads no faster"),
        (SAME, [0.5, 0.5, 1.5, 1.5], "loads no faster"),
        (SAME, [2.0] * 4, "loads no faster"),
        ([1.02, 1.03, 1.02, 1.05], [0.5] * 4, "slower"),
    ],
)
def test_only_what_runs_no_slower_and_loads_faster_is_a_gain(
    warm: list[float], cold: list[float], verdict: str
) -> None:
    assert trial("extended", warm=warm, cold=cold).verdict == verdict


@pytest.mark.parametrize(
    ("cold_s", "verdict"), [([0.0105] * 4, "loads no faster"), ([0.0085] * 4, "a gain")]
)
def test_less_than_a_millisecond_is_no_gain(cold_s: list[float], verdict: str) -> None:
    candidate = Trial(Candidate("extended", Path()), NONE)
    warm = {AS_IS: SAME, "extended": SAME}

    assert candidate.timed(warm, {AS_IS: [0.0113] * 4, "extended": cold_s}).verdict == verdict


def test_the_gain_that_loads_fastest_is_the_best() -> None:
    trials = [
        trial(AS_IS),
        trial("extended", cold=[0.6] * 4),
        trial("mapped", cold=[0.5] * 4),
        trial("int8", cold=[0.1] * 4, warm=[1.5] * 4),
        Trial(Candidate("fp16", Path()), NONE, refusal="differs"),
    ]

    best = best_of(trials)

    assert best is not None
    assert best.candidate.name == "mapped"


def test_without_a_gain_there_is_no_best() -> None:
    assert best_of([trial(AS_IS), trial("extended", cold=[1.2] * 4)]) is None


def test_a_ratio_is_taken_round_by_round() -> None:
    assert Ratio.of([1.0, 4.0, 6.0], [2.0, 4.0, 3.0]) == Ratio(0.75, 1.0, 1.5)
