"""A recording: each access that was made, with the operations that made it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from iam.access import Access, Need
from iam.call import Call
from iam.needs import needs_of


class Recording:
    def __init__(self) -> None:
        self._operations: defaultdict[Access, Counter[str]] = defaultdict(Counter)

    def __iter__(self) -> Iterator[Access]:
        return iter(self._operations)

    def operations(self, access: Access) -> Counter[str]:
        return self._operations[access]

    def add(self, access: Access, operation: str, count: int = 1) -> None:
        self._operations[access][operation] += count


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes down the calls of one principal."""

    recording: Recording
    principal: str

    def witness(self, call: Call, status: int) -> None:
        operation, needs = needs_of(call, status)
        for need in needs:
            self.recording.add(Access(self.principal, need), operation)


def to_line(access: Access, operation: str) -> str:
    """For a file that a process appends to while others read it."""
    need = access.need
    told = [access.principal, operation, need.action, need.resource, need.context]
    return f"{json.dumps(told)}\n"


def from_lines(lines: Iterable[str]) -> Recording:
    """What `to_line` wrote."""
    recording = Recording()
    for line in lines:
        principal, operation, action, resource, context = json.loads(line)
        need = Need(action, resource, tuple((key, value) for key, value in context))
        recording.add(Access(principal, need), operation)
    return recording
