"""The queue on a virtual clock keeps SQS's promises, and no more of them."""

from __future__ import annotations

from itertools import count

import pytest

from chaos.clock import Clock
from chaos.message_queue import MessageQueue, ReceiptError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> MessageQueue:
    numbers = count(1)
    return MessageQueue(
        visibility_s=30, maximum_receive_count=2, now=clock.now, new_id=lambda: str(next(numbers))
    )


def test_a_received_message_is_hidden_until_its_visibility_ends(
    queue: MessageQueue, clock: Clock
) -> None:
    message = queue.send("body")

    queue.receive(message)

    assert queue.visible() == []
    clock.advance(30)
    assert queue.visible() == [message]


def test_a_message_that_was_received_too_often_dies(queue: MessageQueue) -> None:
    message = queue.send("body")

    received = [queue.receive(message) for _ in range(3)]

    assert received == [True, True, False]
    assert (queue.visible(), queue.dead_letters) == ([], [message])


def test_a_redriven_message_is_another_one(queue: MessageQueue) -> None:
    message = queue.send("body")
    for _ in range(3):
        queue.receive(message)

    queue.redrive()

    again = queue.visible()[0]
    assert (again.body, again.receive_count, again.id == message.id) == ("body", 0, False)


def test_the_receipt_of_an_earlier_delivery_deletes_nothing(
    queue: MessageQueue, clock: Clock
) -> None:
    message = queue.send("body")
    queue.receive(message)
    first = message.receipt
    clock.advance(30)
    queue.receive(message)

    queue.delete(first)

    assert queue.next_visible_s is not None
    queue.delete(message.receipt)
    assert queue.next_visible_s is None


def test_visibility_can_be_shortened_by_who_holds_the_message(
    queue: MessageQueue, clock: Clock
) -> None:
    message = queue.send("body")
    queue.receive(message)

    queue.change_visibility(message.receipt, 10)

    assert queue.next_visible_s == clock.now() + 10
    queue.delete(message.receipt)
    with pytest.raises(ReceiptError):
        queue.change_visibility(message.receipt, 10)
