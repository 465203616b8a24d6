"""Signals that ask the doctor to stop, and what they must not cut short."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals to stop arrive at its end; in the main thread alone."""
    waiting: list[int] = []
    handlers = {
        signum: signal.signal(signum, lambda number, _: waiting.append(number))
        for signum in STOP_SIGNALS
    }
    try:
        yield
    finally:
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
        for number in waiting:
            signal.raise_signal(number)
