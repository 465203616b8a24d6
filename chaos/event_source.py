"""The event source mapping: messages become invocations, and what was not reported is deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.cloud import FUNCTION_TIMEOUT_S, Cloud
from chaos.environment import Environment
from chaos.laboratory import QUEUE_ARN
from chaos.message_queue import Message
from chaos.process import Process, this_process
from local.batch_response import failed_messages

# Races are won by far as often as by a nose.
HASTES = [0.1, 1, 1, 5]


@dataclass(frozen=True, slots=True)
class Chances:
    """What a standard queue does now and then: deliver what is being worked on a second time, and
    forget a deletion."""

    twice: float
    undeleted: float


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler of its invocation."""

    aws_request_id: str
    function_name: str = "score"
    memory_limit_in_mb: int = 2048
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:score"

    def get_remaining_time_in_millis(self) -> int:
        return max(int((FUNCTION_TIMEOUT_S - this_process().elapsed_s) * 1000), 0)


@dataclass
class Invocation:
    """`receipts`: the messages' handles as they were when they were received. `haste`: how likely
    it is to go on before others do."""

    number: int
    version: int
    environment: Environment
    started_s: float
    messages: Sequence[Message]
    haste: float = 1
    receipts: Sequence[str] = field(init=False)
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.receipts = [message.receipt for message in self.messages]
        event = {"Records": [_record(message) for message in self.messages]}
        context = Context(f"request-{self.number}")
        handle = self.environment.handler
        self.process = Process(
            f"process {self.number}", lambda: handle(event, context), started_s=self.started_s
        )

    @property
    def is_over_time(self) -> bool:
        return self.process.elapsed_s >= FUNCTION_TIMEOUT_S


class EventSource:
    def __init__(
        self,
        cloud: Cloud,
        environments: Mapping[int, Sequence[Environment]],
        *,
        batch_size: int,
        chances: Chances,
    ) -> None:
        self._cloud = cloud
        self._idle = {version: [*warm] for version, warm in environments.items()}
        self._batch_size = batch_size
        self._chances = chances
        self._count = 0
        self.invocations: list[Invocation] = []

    def can_poll(self) -> bool:
        return bool(self._idle[self._cloud.deployment.version] and self._cloud.queue.visible())

    def poll(self) -> None:
        messages = self._receive()
        if not messages:
            return
        self._count += 1
        version, now_s = self._cloud.deployment.version, self._cloud.clock.now_s
        environment = self._idle[version].pop()
        haste = self._cloud.random.choice(HASTES)
        self.invocations.append(
            Invocation(self._count, version, environment, now_s, messages, haste)
        )

    def _receive(self) -> list[Message]:
        visible, random = self._cloud.queue.visible(), self._cloud.random
        chosen = random.sample(visible, min(self._batch_size, len(visible)))
        received = [message for message in chosen if self._cloud.queue.receive(message)]
        for message in received:
            if random.random() < self._chances.twice:
                message.visible_s = self._cloud.clock.now_s
        return received

    def finish(self, invocation: Invocation) -> None:
        self.invocations.remove(invocation)
        self._idle[invocation.version].append(invocation.environment)
        if invocation.process.is_gone:
            invocation.environment.restart()
        stays = failed(invocation)
        for message, receipt in zip(invocation.messages, invocation.receipts, strict=True):
            is_forgotten = self._cloud.random.random() < self._chances.undeleted
            if message.id not in stays and not is_forgotten:
                self._cloud.queue.delete(receipt)


def failed(invocation: Invocation) -> frozenset[str]:
    """The messages that stay in the queue."""
    everything = frozenset(message.id for message in invocation.messages)
    process = invocation.process
    if process.is_gone or process.error is not None:
        return everything
    return failed_messages(json.dumps(process.answer).encode(), everything)


def _record(message: Message) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receive_count),
            "SentTimestamp": str(int(message.sent_s * 1000)),
            "SenderId": "AIDAEXAMPLE",
            "ApproximateFirstReceiveTimestamp": str(int(message.sent_s * 1000)),
        },
        "messageAttributes": {},
        "md5OfBody": message.md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": "eu-central-1",
    }
