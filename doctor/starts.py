"""How a function starts, and how much of that and of all else is tried out."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from doctor.watched_environment import Start, WatchedEnvironment
from doctor.work import Work
from local.environment import Configuration


class Effort(NamedTuple):
    """How often a function is started, and the CPU time that one run may take."""

    starts: int = 3
    run_cpu_s: float = 5.0


def started(configuration: Configuration, times: int) -> list[Start]:
    """In a fresh process each time."""
    starts = []
    for _ in range(times):
        with WatchedEnvironment(configuration) as environment:
            starts.append(environment.start)
    return starts


def typical(starts: Sequence[Start]) -> Start:
    """The median of times, and the most memory."""
    return Start(
        Work(median(s.work.cpu_s for s in starts), median(s.work.longest_s for s in starts)),
        max(start.peak_mib for start in starts),
    )
