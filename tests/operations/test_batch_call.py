"""SQS's batch calls, with a queue that refuses some of their entries."""

from __future__ import annotations

from typing import Any

import pytest

from operations import batch_call
from operations.batch_call import Failed, in_batches

ENTRIES = [{"MessageBody": str(number)} for number in range(23)]


class Queue:
    """Takes what it is sent, but for the entries that it refuses, so many times each."""

    def __init__(self, *, sender_fault: bool = False, **refused: int) -> None:
        self._refused = {name.removeprefix("body_"): times for name, times in refused.items()}
        self._sender_fault = sender_fault
        self.calls: list[list[str]] = []
        self.taken: list[str] = []

    def send(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - as boto3's
        self.calls.append([entry["MessageBody"] for entry in Entries])
        return {"Failed": [self._error(entry) for entry in Entries if not self._takes(entry)]}

    def _takes(self, entry: dict[str, str]) -> bool:
        body = entry["MessageBody"]
        if self._refused.get(body, 0):
            self._refused[body] -= 1
            return False
        self.taken.append(body)
        return True

    def _error(self, entry: dict[str, str]) -> dict[str, Any]:
        return {"Id": entry["Id"], "SenderFault": self._sender_fault, "Code": "InternalError"}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_call, "FIRST_PAUSE_S", 0)


def test_ten_go_in_a_call() -> None:
    queue = Queue()

    assert in_batches(queue.send, ENTRIES) == []
    assert [len(call) for call in queue.calls] == [10, 10, 3]
    assert queue.taken == [str(number) for number in range(23)]


def test_nothing_is_sent_in_no_call() -> None:
    queue = Queue()

    assert in_batches(queue.send, []) == []
    assert queue.calls == []


def test_what_was_refused_alone_goes_again() -> None:
    queue = Queue(body_3=1, body_12=3)

    assert in_batches(queue.send, ENTRIES) == []
    assert [call for call in queue.calls if len(call) == 1] == [["3"], ["12"], ["12"], ["12"]]
    assert sorted(queue.taken, key=int) == [str(number) for number in range(23)]


def test_what_is_refused_every_time_has_failed() -> None:
    queue = Queue(body_12=batch_call.ATTEMPTS)

    assert in_batches(queue.send, ENTRIES) == [Failed(12, "InternalError: no message")]
    assert "12" not in queue.taken


def test_what_is_the_senders_fault_is_not_tried_again() -> None:
    queue = Queue(sender_fault=True, body_3=1, body_21=1)

    assert [failed.place for failed in in_batches(queue.send, ENTRIES)] == [3, 21]
    assert len(queue.calls) == 3
