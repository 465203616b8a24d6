"""Memory settings beside each other: how long each takes, what it costs, and which to choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

# Whole and half vCPUs, the sizes that people choose, and the most that a new account has.
SETTINGS_MIB = (512, 1024, 1536, 1769, 2048, 3008, 3538, 5307, 7076, 8845, 10_240)


class Choice(NamedTuple):
    """A setting: what one unit of work takes, what a million cost, and whether it keeps within all
    limits, each with its headroom."""

    memory_mib: int
    duration_s: float
    usd: float
    has_room: bool


class Marked(NamedTuple):
    choice: Choice
    marks: tuple[str, ...]


def settings_with(memory_mib: int) -> Sequence[int]:
    return sorted({*SETTINGS_MIB, memory_mib})


def marked(choices: Sequence[Choice], stage_mib: int) -> list[Marked]:
    """`advised` is the cheapest of those that have room."""
    roomy = [choice for choice in choices if choice.has_room]
    marks = {
        "stage": next(choice for choice in choices if choice.memory_mib == stage_mib),
        "cheapest": _least(choices, lambda choice: (choice.usd, choice.duration_s)),
        "fastest": _least(choices, lambda choice: (choice.duration_s, choice.usd)),
        "advised": _least(roomy, lambda choice: (choice.usd, choice.duration_s)),
    }
    return [
        Marked(choice, tuple(mark for mark, best in marks.items() if best is choice))
        for choice in choices
    ]


def _least(
    choices: Iterable[Choice], key: Callable[[Choice], tuple[float, float]]
) -> Choice | None:
    """To the fourth digit: beyond it differ roundings, not settings."""
    return min(choices, key=lambda choice: tuple(_rounded(v) for v in key(choice)), default=None)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
