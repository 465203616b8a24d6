"""The poller does between a queue and a function what Lambda's does."""

from __future__ import annotations

import hashlib
import json
from threading import Event as Signal
from threading import Lock
from typing import TYPE_CHECKING

import pytest

from local.data_plane import DataPlane
from local.errors import FunctionCrashedError
from tests.local.stand_ins import Event, FakeFunction, Queue

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.conftest import FunctionOf, WaitUntil

ALL_FAILED = b"not JSON"
STABLE = {
    "body",
    "messageAttributes",
    "md5OfBody",
    "eventSource",
    "eventSourceARN",
    "awsRegion",
}


@pytest.fixture
def queue(data_plane: DataPlane, unique: str) -> Queue:
    return Queue(data_plane.sqs(), unique, visibility_s=1, max_receive_count=3)


@pytest.fixture
def patient_queue(data_plane: DataPlane, unique: str) -> Queue:
    return Queue(data_plane.sqs(), unique, visibility_s=60, max_receive_count=3)


def test_a_message_arrives_as_lambdas_event_and_is_deleted(
    data_plane: DataPlane, queue: Queue, wait_until: WaitUntil
) -> None:
    function = FakeFunction()
    data_plane.sqs().send_message(
        QueueUrl=queue.url,
        MessageBody="a body",
        MessageAttributes={
            "text": {"DataType": "String", "StringValue": "x"},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\xff"},
        },
    )

    with queue.source(function):
        wait_until(queue.is_empty)

    [record] = function.events[0]["Records"]
    assert function.events == [{"Records": [record]}]
    assert {name: value for name, value in record.items() if name in STABLE} == {
        "body": "a body",
        "messageAttributes": {
            "text": {
                "stringValue": "x",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            },
            "bytes": {
                "binaryValue": "/w==",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Binary",
            },
        },
        "md5OfBody": hashlib.md5(b"a body").hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": "us-east-1",
    }
    assert record.keys() - STABLE == {"messageId", "receiptHandle", "attributes"}
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_batch_holds_no_more_than_its_size(queue: Queue, wait_until: WaitUntil) -> None:
    queue.send("1", "2", "3")
    function = FakeFunction(concurrency=1)

    with queue.source(function, batch_size=2):
        wait_until(queue.is_empty)

    assert function.bodies() == [["1", "2"], ["3"]]


def test_a_batching_window_collects_what_arrives_within_it(
    queue: Queue, wait_until: WaitUntil
) -> None:
    function = FakeFunction()
    queue.send("first")

    with queue.source(function, batch_size=2, batching_window_s=20):
        wait_until(lambda: not queue.is_empty())
        queue.send("second")
        wait_until(queue.is_empty)

    assert function.bodies() == [["first", "second"]]


def test_a_failed_batch_comes_back_and_counts_its_receipts(
    queue: Queue, wait_until: WaitUntil
) -> None:
    outcomes = iter([FunctionCrashedError("fake: killed"), None])

    def answer(_: Event) -> bytes:
        if error := next(outcomes):
            raise error
        return b"null"

    queue.send("try again")
    function = FakeFunction(answer)

    with queue.source(function):
        wait_until(lambda: len(function.events) == 2)
        wait_until(queue.is_empty)

    counts = [e["Records"][0]["attributes"]["ApproximateReceiveCount"] for e in function.events]
    assert function.bodies() == [["try again"], ["try again"]]
    assert counts == ["1", "2"]


def test_only_reported_failures_come_back(queue: Queue, wait_until: WaitUntil) -> None:
    def answer(event: Event) -> bytes:
        failures = [
            {"itemIdentifier": record["messageId"]}
            for record in event["Records"]
            if record["body"] == "bad" and record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        return json.dumps({"batchItemFailures": failures}).encode()

    queue.send("good", "bad")
    function = FakeFunction(answer)

    with queue.source(function, reports_item_failures=True):
        wait_until(queue.is_empty)

    assert function.bodies() == [["good", "bad"], ["bad"]]


def test_without_partial_responses_any_answer_is_success(
    queue: Queue, wait_until: WaitUntil
) -> None:
    queue.send("done")
    function = FakeFunction(lambda _: ALL_FAILED)

    with queue.source(function):
        wait_until(queue.is_empty)

    assert function.bodies() == [["done"]]


def test_what_fails_too_often_ends_in_the_dead_letter_queue(
    queue: Queue, wait_until: WaitUntil
) -> None:
    queue.send("poison")
    function = FakeFunction(lambda _: ALL_FAILED)

    with queue.source(function, reports_item_failures=True):
        wait_until(lambda: queue.dead_letters() == ["poison"])

    assert function.bodies() == [["poison"]] * 3
    assert queue.is_empty()


@pytest.mark.parametrize(
    ("maximum_concurrency", "function_concurrency", "expected"),
    [(None, 3, 3), (2, 3, 2), (10, 2, 2)],
)
def test_concurrency_stays_within_the_mapping_and_the_function(
    patient_queue: Queue,
    wait_until: WaitUntil,
    maximum_concurrency: int | None,
    function_concurrency: int,
    expected: int,
) -> None:
    running: set[str] = set()
    lock, release = Lock(), Signal()

    def answer(event: Event) -> bytes:
        with lock:
            running.add(event["Records"][0]["messageId"])
        release.wait()
        return b"null"

    patient_queue.send(*"12345")
    function = FakeFunction(answer, concurrency=function_concurrency)

    with patient_queue.source(function, batch_size=1, maximum_concurrency=maximum_concurrency):
        wait_until(lambda: len(running) == expected)
        waiting = patient_queue.waiting()
        release.set()
        wait_until(patient_queue.is_empty)

    assert waiting == 5 - expected
    assert sorted(body for [body] in function.bodies()) == ["1", "2", "3", "4", "5"]


def test_a_real_function_that_is_killed_gets_its_message_again(
    function_of: FunctionOf, queue: Queue, tmp_path: Path, wait_until: WaitUntil
) -> None:
    function = function_of(
        """
        import os, pathlib, signal

        def handler(event, context):
            attempts = pathlib.Path("attempts")
            attempts.write_text((attempts.read_text() if attempts.exists() else "") + "x")
            if attempts.read_text() == "x":
                os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    queue.send("survives")

    with queue.source(function, reports_item_failures=True):
        wait_until(queue.is_empty)

    assert (tmp_path / "attempts").read_text() == "xx"
