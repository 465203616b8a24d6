"""An SQS queue on a virtual clock: visibility, receive counts, dead letters, redrive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

MAXIMUM_VISIBILITY_S = 12 * 60 * 60


@dataclass(slots=True)
class Message:
    """`receipt`: the handle of its latest receipt; older ones may or may not still delete it."""

    id: str
    body: str
    sent_s: float
    visible_s: float
    receive_count: int = 0
    receipt: str = ""

    @property
    def md5(self) -> str:
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()


class ReceiptError(Exception):
    """A receipt handle that is not, or no longer, a message's own."""


class MessageQueue:
    """A standard queue: who polls may choose any of the messages that are visible."""

    def __init__(
        self,
        *,
        visibility_s: float,
        maximum_receive_count: int,
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._visibility_s = visibility_s
        self._maximum_receive_count = maximum_receive_count
        self._now = now
        self._new_id = new_id
        self._messages: dict[str, Message] = {}
        self.dead_letters: list[Message] = []

    def send(self, body: str, *, delay_s: float = 0) -> Message:
        now = self._now()
        message = Message(self._new_id(), body, now, now + delay_s)
        self._messages[message.id] = message
        return message

    def visible(self) -> list[Message]:
        now = self._now()
        return [message for message in self._messages.values() if message.visible_s <= now]

    @property
    def next_visible_s(self) -> float | None:
        """When a message is visible the next time; None where there is none at all."""
        return min((message.visible_s for message in self._messages.values()), default=None)

    def receive(self, message: Message) -> bool:
        """Hide a visible message from others; False where it was received too often, and died."""
        if message.receive_count >= self._maximum_receive_count:
            del self._messages[message.id]
            self.dead_letters.append(message)
            return False
        message.receive_count += 1
        message.receipt = f"{message.id}#{message.receive_count}"
        message.visible_s = self._now() + self._visibility_s
        return True

    def delete(self, receipt: str) -> None:
        """Nothing happens where the message is gone, or has been received again since."""
        message = self._messages.get(receipt.partition("#")[0])
        if message is not None and message.receipt == receipt:
            del self._messages[message.id]

    def change_visibility(self, receipt: str, timeout_s: float) -> None:
        message = self._messages.get(receipt.partition("#")[0])
        if message is None or message.receipt != receipt:
            raise ReceiptError(receipt)
        message.visible_s = self._now() + timeout_s

    def redrive(self) -> None:
        """Send the dead letters again; each is another message from then on."""
        dead, self.dead_letters = self.dead_letters, []
        for message in dead:
            self.send(message.body)
