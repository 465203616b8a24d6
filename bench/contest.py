"""A contest: contestants take turns, round by round, so that all meet the same machine."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from bench.contestant import Payload, Start

Rounds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of one figure over all rounds, and the quartiles around it."""

    lower: float
    median: float
    upper: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(*statistics.quantiles(values, n=4, method="inclusive"))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lower:.2f}-{self.upper:.2f})"


def ratio(rounds: Rounds, one: str, other: str) -> Spread:
    """One contestant's CPU over another's, paired round by round."""
    return Spread.of([a / b for a, b in zip(rounds[one], rounds[other], strict=True)])


def cold(starts: Mapping[str, Start], payload: Payload, *, rounds: int) -> Rounds:
    """CPU seconds from exec to the first answer; the first round only warms the page cache."""
    spent: Rounds = {name: [] for name in starts}
    for _ in range(rounds + 1):
        for name, start in starts.items():
            contestant = start()
            contestant.answer(payload)
            spent[name].append(contestant.stop())
    return {name: values[1:] for name, values in spent.items()}


def warm(
    starts: Mapping[str, Start],
    payload: Payload,
    *,
    rounds: int,
    requests: int,
) -> Rounds:
    """CPU seconds per request of processes that are long warm; the first round is not counted."""
    spent: Rounds = {name: [] for name in starts}
    with ExitStack() as stack:
        running = {name: stack.enter_context(start()) for name, start in starts.items()}
        for turn in range(rounds + 1):
            for name, contestant in running.items():
                before = contestant.cpu_s()
                for _ in range(requests):
                    contestant.answer(payload)
                if turn:
                    spent[name].append((contestant.cpu_s() - before) / requests)
    return spent
