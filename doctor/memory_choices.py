"""Memory settings beside each other: how long each takes, what it costs, and which to choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

# Whole and half vCPUs, the sizes that people choose, and the most that a new account has.
SETTINGS_MIB = (512, 1024, 1536, 1769, 2048, 3008, 3538, 5307, 7076, 8845, 10_240)

# Of the least price: up to here another run has them in another order.
SAME_PRICE = 1.05


class Choice(NamedTuple):
    """A setting: what one unit of work takes, what a million cost, and whether it has room: nothing
    breaks in it, and memory keeps its headroom."""

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
    stage = next(choice for choice in choices if choice.memory_mib == stage_mib)
    marks = {
        "stage": stage,
        "cheapest": _cheapest(choices, stage),
        "fastest": _fastest(choices),
        "advised": _cheapest([choice for choice in choices if choice.has_room], stage),
    }
    return [
        Marked(choice, tuple(mark for mark, best in marks.items() if best is choice))
        for choice in choices
    ]


def _cheapest(choices: Sequence[Choice], stage: Choice) -> Choice | None:
    """Of those with the same price the stage's, or else the fastest."""
    least_usd = min((choice.usd for choice in choices), default=0.0)
    cheap = [choice for choice in choices if choice.usd <= SAME_PRICE * least_usd]
    return stage if stage in cheap else _fastest(cheap)


def _fastest(choices: Iterable[Choice]) -> Choice | None:
    """To the fourth digit: beyond it differ roundings, not settings."""
    return min(choices, key=lambda c: (_rounded(c.duration_s), _rounded(c.usd)), default=None)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
