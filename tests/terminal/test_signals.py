"""What must not be cut short is not, and the signal is not lost."""

from __future__ import annotations

import signal

import pytest

from terminal.signals import uninterrupted


def test_a_signal_to_stop_arrives_when_the_work_is_done() -> None:
    done = []

    @uninterrupted()
    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("all")

    with pytest.raises(KeyboardInterrupt):
        work()

    assert done == ["all"]


def test_without_a_signal_handlers_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT)

    with uninterrupted():
        pass

    assert signal.getsignal(signal.SIGINT) is before
