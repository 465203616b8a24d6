"""The time that is left to one run of the function, which Lambda kills at its end."""

from __future__ import annotations

from collections.abc import Callable

# To write what was scored, and to hand on the rest; of short runs, at most this fraction.
RESERVE_S = 15.0
RESERVE_FRACTION = 0.2
# Work takes longer than it did before, now and then.
CAUTION = 2.0


class Deadline:
    """Knows by `remaining_s`, in seconds, whether there is time for more."""

    def __init__(self, remaining_s: Callable[[], float]) -> None:
        self._remaining_s = remaining_s
        self._reserve_s = min(RESERVE_S, RESERVE_FRACTION * remaining_s())

    def allows(self, work_s: float) -> bool:
        return self._remaining_s() > self._reserve_s + CAUTION * work_s
