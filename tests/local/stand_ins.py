"""What stands on either side of an event source in its tests: a queue and a function."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from iam.account import arn
from local.event_source import EventSource, EventSourceMapping
from local.function import Function

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

Event = dict[str, Any]


@dataclass
class FakeFunction:
    """Stands where a Function does: gives each batch to `answer` and remembers it."""

    answer: Callable[[Event], bytes] = lambda _: b"null"
    concurrency: int = 2
    name: str = "fake"
    events: list[Event] = field(default_factory=list)

    def invoke(self, event: Event) -> bytes:
        self.events.append(event)
        return self.answer(event)

    def bodies(self) -> list[list[str]]:
        return [[record["body"] for record in event["Records"]] for event in self.events]


class Queue:
    """A queue with a dead-letter queue, looked at from outside."""

    def __init__(
        self, sqs: SQSClient, name: str, *, visibility_s: int, max_receive_count: int
    ) -> None:
        self._sqs = sqs
        self.dead_letters_url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        self.arn = arn("sqs", name)
        redrive = {"deadLetterTargetArn": f"{self.arn}-dead", "maxReceiveCount": max_receive_count}
        self.url = sqs.create_queue(
            QueueName=name,
            Attributes={
                "VisibilityTimeout": str(visibility_s),
                "RedrivePolicy": json.dumps(redrive),
            },
        )["QueueUrl"]

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self._sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def waiting(self) -> int:
        return self._counts()[0]

    def is_empty(self) -> bool:
        """Nothing waits, and nothing is being worked on."""
        return self._counts() == (0, 0)

    def _counts(self) -> tuple[int, int]:
        """Visible and invisible messages; one request, as messages turn from one to the other."""
        attributes = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        count = attributes["Attributes"]
        return (
            int(count["ApproximateNumberOfMessages"]),
            int(count["ApproximateNumberOfMessagesNotVisible"]),
        )

    def dead_letters(self) -> list[str]:
        messages = self._sqs.receive_message(QueueUrl=self.dead_letters_url, VisibilityTimeout=0)
        return [message["Body"] for message in messages.get("Messages", [])]

    def source(
        self,
        function: Function | FakeFunction,
        **mapping: Any,  # noqa: ANN401 - whatever a mapping holds
    ) -> EventSource:
        return EventSource(
            EventSourceMapping(queue_url=self.url, queue_arn=self.arn, **mapping),
            cast(Function, function),
            self._sqs,
        )
