"""Virtual time: nothing here waits, and a run takes as long as its seed says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Self

# 2026-01-01, at midnight in UTC.
EPOCH_S = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """Seconds since 1970."""

    def __init__(self) -> None:
        self.now_s = EPOCH_S

    def reset(self) -> None:
        self.now_s = EPOCH_S

    def now(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds

    def reach(self, time_s: float) -> None:
        """Time never goes back."""
        self.now_s = max(self.now_s, time_s)

    @property
    def elapsed_s(self) -> float:
        return self.now_s - EPOCH_S


def datetime_of(now: Callable[[], float]) -> type[datetime]:
    """A class that reads another clock where datetime reads the machine's."""

    class VirtualDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(now(), tz)

    return VirtualDatetime
