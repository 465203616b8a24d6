"""What of a limit may be used up: what was measured is one machine, and one kind of row."""

from __future__ import annotations

import math
from collections.abc import Callable

from doctor.quotas import MEMORY_LEAST_MIB, MEMORY_MOST_MIB
from doctor.work import Pace, Work

# Of memory; beyond it, other rows may take all.
MEMORY_SHARE = 0.8
# Of time, where more of it is advised: a processor may be half as fast.
TIME_SHARE = 0.5
STEP_MIB = 64


def enough_memory_mib(peak_mib: float) -> int | None:
    """The setting in which a peak has room; None where there is none."""
    needed_mib = max(_rounded_up(peak_mib / MEMORY_SHARE), MEMORY_LEAST_MIB)
    return needed_mib if needed_mib <= MEMORY_MOST_MIB else None


def fast_memory_mib(pace: Pace, work: Work, limit_s: float) -> int | None:
    """The least setting in which work is done within TIME_SHARE of a limit; None without one."""
    for memory_mib in range(MEMORY_LEAST_MIB, MEMORY_MOST_MIB + 1, STEP_MIB):
        if pace.duration_s(work, memory_mib) <= TIME_SHARE * limit_s:
            return memory_mib
    return None


def enough_time_s(duration_s: float, most_s: int) -> int | None:
    """The timeout of which a duration takes TIME_SHARE; None beyond what there is."""
    needed_s = math.ceil(duration_s / TIME_SHARE)
    return needed_s if needed_s <= most_s else None


def most_rows(fits: Callable[[int], bool], upper: int) -> int:
    """The most rows that fit, up to `upper`; 0 where none does. Fewer fit if more do."""
    least, beyond = 0, upper + 1
    while beyond - least > 1:
        rows = (least + beyond) // 2
        least, beyond = (rows, beyond) if fits(rows) else (least, rows)
    return least


def _rounded_up(mib: float) -> int:
    return math.ceil(mib / STEP_MIB) * STEP_MIB
