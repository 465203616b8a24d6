"""Signals that ask a command to stop: it unwinds, as after Ctrl-C, and leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_at_signals() -> None:
    """From here on, each of them raises KeyboardInterrupt."""
    for signum in STOP_SIGNALS:
        signal.signal(signum, _stop)


def _stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
    """Unwind, and let no second signal interrupt that: it would leave processes behind."""
    for again in STOP_SIGNALS:
        signal.signal(again, signal.SIG_IGN)
    raise KeyboardInterrupt


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
