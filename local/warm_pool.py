"""The idle environments of all functions, so that many models do not mean many processes."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from local.environment import Environment

if TYPE_CHECKING:
    from local.function import Function

SIZE = 16


class WarmPool:
    """Above its size, the environment that has been idle longest is ended, as Lambda would."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._lock = Lock()
        self._idle: list[tuple[Function, Environment]] = []  # the longest idle first

    def take(self, function: Function) -> Environment | None:
        """The function's environment that has been idle for the shortest time."""
        with self._lock:
            for entry in reversed(self._idle):
                if entry[0] is function:
                    self._idle.remove(entry)
                    return entry[1]
        return None

    def put(self, function: Function, environment: Environment) -> None:
        with self._lock:
            self._idle.append((function, environment))
            surplus = self._idle[: -self._size]
            del self._idle[: -self._size]
        for owner, longest_idle in surplus:
            owner.discard(longest_idle)
