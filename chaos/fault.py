"""The faults that a call can meet, and where a run's own are to strike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol

from chaos.call import BATCHES, SLOW, Call
from chaos.call_sites import SELDOM

# Faults that the SDK leaves to our own code are worth more than one chance.
REPEATED = 4


class Fault(StrEnum):
    """`… for good`: at each of the SDK's attempts, so that the call as a whole fails."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "refused"
    REFUSED_FOR_GOOD = "refused for good"
    REPLY_LOST = "reply lost"
    REPLY_LOST_FOR_GOOD = "reply lost for good"
    THROTTLED = "throttled"
    THROTTLED_FOR_GOOD = "throttled for good"
    CONFLICT = "409"
    ERROR_IN_200 = "error in 200"
    ERROR_IN_200_FOR_GOOD = "error in 200 for good"
    ENTRY_FAILED = "entry failed"
    TRUNCATED = "truncated"
    RESET = "reset"

    @property
    def is_for_good(self) -> bool:
        return self.value.endswith("for good")

    @property
    def is_crash(self) -> bool:
        return self in {Fault.CRASH_BEFORE, Fault.CRASH_AFTER}


_EVERYWHERE = [
    Fault.CRASH_BEFORE,
    Fault.CRASH_AFTER,
    Fault.REFUSED,
    Fault.REFUSED_FOR_GOOD,
    Fault.REPLY_LOST,
    Fault.REPLY_LOST_FOR_GOOD,
    Fault.THROTTLED,
    Fault.THROTTLED_FOR_GOOD,
]


def possible(call: Call) -> Sequence[Fault]:
    """What can happen to a call at all, and how likely it is against the others."""
    faults = [*_EVERYWHERE]
    if call.is_conditional_write:
        faults += [Fault.CONFLICT, *[Fault.REPLY_LOST] * REPEATED]
    if call.is_download:
        faults += [Fault.TRUNCATED, Fault.RESET]
    if call.operation in SLOW:
        faults += [Fault.ERROR_IN_200, Fault.ERROR_IN_200_FOR_GOOD]
    if call.operation in BATCHES:
        faults += [Fault.ENTRY_FAILED] * REPEATED
    return faults


class Plan(Protocol):
    """Decides for each attempt at a call."""

    def strike(self, call: Call) -> Fault | None: ...


@dataclass(slots=True)
class Target:
    """The call after `spared` others: of one operation, or of any."""

    spared: int
    operation: str | None = None

    def meets(self, call: Call) -> bool:
        if self.operation not in {None, call.operation}:
            return False
        self.spared -= 1
        return self.spared < 0


class Strikes:
    """One fault at each of some targets, one target after the other; and at one of the call sites
    that are seldom reached, should the run get there."""

    def __init__(self, targets: Sequence[Target], random: Random) -> None:
        self._targets = [*targets]
        self._lies_in_wait = True
        self._random = random

    def strike(self, call: Call) -> Fault | None:
        return self._random.choice(possible(call)) if self._is_met(call) else None

    def _is_met(self, call: Call) -> bool:
        if self._targets and self._targets[0].meets(call):
            del self._targets[0]
            return True
        if self._lies_in_wait and self._random.random() < SELDOM.get(call.site, 0):
            self._lies_in_wait = False
            return True
        return False


class Storm:
    """Any fault at any attempt, by chance."""

    def __init__(self, probability: float, random: Random) -> None:
        self._probability = probability
        self._random = random

    def strike(self, call: Call) -> Fault | None:
        if self._random.random() >= self._probability:
            return None
        return self._random.choice(possible(call))


class Calm:
    """No fault at all."""

    def strike(self, _: Call) -> Fault | None:
        return None
