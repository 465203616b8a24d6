"""The idle environments of all functions, so that many models do not mean many processes."""

from __future__ import annotations

from threading import Lock
from typing import Protocol

from local.environment import Environment

SIZE = 16


class Owner(Protocol):
    """Whose environment it is."""

    def discard(self, environment: Environment) -> None: ...


class WarmPool:
    """Above its size, the environment that has been idle longest is ended, as Lambda would."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._lock = Lock()
        self._idle: list[tuple[Owner, Environment]] = []  # the longest idle first

    def take(self, owner: Owner) -> Environment | None:
        """The owner's environment that has been idle for the shortest time."""
        with self._lock:
            for entry in reversed(self._idle):
                if entry[0] is owner:
                    self._idle.remove(entry)
                    return entry[1]
        return None

    def put(self, owner: Owner, environment: Environment) -> None:
        with self._lock:
            self._idle.append((owner, environment))
            surplus = self._idle[: -self._size]
            del self._idle[: -self._size]
        for its_owner, longest_idle in surplus:
            its_owner.discard(longest_idle)
