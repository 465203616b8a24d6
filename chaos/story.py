"""The story of one run, call by call, for whoever looks into a violation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chaos.call import Call
from chaos.clock import EPOCH_S, Clock
from chaos.fault import Fault, possible
from chaos.process import this_process

if TYPE_CHECKING:
    from chaos.event_source import Invocation


class Story:
    """`calls` and `faults`: how often each call site was met, and with which fault of those that
    are `possible` there. `is_calm`: there was none, and nobody ran out of time."""

    def __init__(self, clock: Clock, *, is_told: bool) -> None:
        self._clock = clock
        self._is_told = is_told
        self.lines: list[str] = []
        self.calls: Counter[str] = Counter()
        self.possible: dict[str, frozenset[Fault]] = {}
        self.is_calm = True
        self.faults: Counter[tuple[str, Fault]] = Counter()

    def call(self, call: Call, fault: Fault | None, status: str) -> None:
        if call.site not in self.calls:
            self.possible[call.site] = frozenset(possible(call))
        self.calls[call.site] += 1
        if fault is not None:
            self.is_calm = False
            self.faults[call.site, fault] += 1
        if self._is_told:
            struck = f" [{fault}]" if fault else ""
            process = this_process()
            self.lines.append(
                f"{process.now_s - EPOCH_S:12.3f} s  {process.name}: {call} -> "
                f"{status or 'no answer'}{struck}"
            )

    def end(self, invocation: Invocation) -> None:
        process = invocation.process
        if process.is_gone:
            self.is_calm = False
            self.say(f"{process.name}: gone")
        elif process.error is not None:
            self.say(f"{process.name}: raised {process.error!r}")
        else:
            self.say(f"{process.name}: {process.answer}")

    def say(self, line: str) -> None:
        if self._is_told:
            self.lines.append(f"{self._clock.elapsed_s:12.3f} s  {line}")
