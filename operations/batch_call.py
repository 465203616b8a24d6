"""SQS's batch calls: ten entries each, some of which may fail although the call succeeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ENTRIES_PER_CALL = 10
ATTEMPTS = 4
FIRST_PAUSE_S = 0.1

Entry = Mapping[str, Any]
# One of the client's three: send, delete, change the visibility; bound to a queue.
BatchCall = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """An entry that SQS did not take, at its place among all entries, and why."""

    place: int
    reason: str


def in_batches(call: BatchCall, entries: Sequence[Entry]) -> list[Failed]:
    """Make the call for all entries. What fails, and not by the sender's fault, is tried again."""
    failed = []
    for start in range(0, len(entries), ENTRIES_PER_CALL):
        stop = min(start + ENTRIES_PER_CALL, len(entries))
        failed += _batch(call, entries, range(start, stop))
    return failed


def _batch(call: BatchCall, entries: Sequence[Entry], places: Iterable[int]) -> list[Failed]:
    refused: list[Failed] = []
    for attempt in range(ATTEMPTS):
        answer = call(Entries=[{"Id": str(place), **entries[place]} for place in places])
        errors = answer.get("Failed", [])
        refused += [_failed(error) for error in errors if error["SenderFault"]]
        again = [error for error in errors if not error["SenderFault"]]
        if not again:
            return refused
        places = [int(error["Id"]) for error in again]
        if attempt < ATTEMPTS - 1:
            time.sleep(FIRST_PAUSE_S * 2**attempt)
    return refused + [_failed(error) for error in again]


def _failed(error: Mapping[str, Any]) -> Failed:
    return Failed(int(error["Id"]), f"{error['Code']}: {error.get('Message', 'no message')}")
