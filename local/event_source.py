"""An event source mapping: what Lambda's poller does between an SQS queue and a function.

Messages that stay come back when their visibility runs out; the queue itself counts receipts and
moves what was received too often to its dead-letter queue.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from local.batch_response import failed_messages
from local.errors import FunctionClosedError, InvocationError
from local.function import Function
from local.sqs_event import sqs_event

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

logger = logging.getLogger(__name__)

# What SQS itself allows of one receipt and one deletion.
LONG_POLL_S = 20
MESSAGES_PER_CALL = 10


@dataclass(frozen=True, kw_only=True)
class EventSourceMapping:
    """The defaults are Lambda's."""

    queue_url: str
    queue_arn: str
    batch_size: int = 10
    batching_window_s: int = 0
    maximum_concurrency: int | None = None
    reports_item_failures: bool = False

    @property
    def queue_name(self) -> str:
        return self.queue_arn.rpartition(":")[2]


class EventSource:
    """Polls from entry to `close`; a poll under way then ends by itself, its messages unread."""

    def __init__(self, mapping: EventSourceMapping, function: Function, sqs: SQSClient) -> None:
        slots = min(mapping.maximum_concurrency or function.concurrency, function.concurrency)
        self._mapping = mapping
        self._function = function
        self._sqs = sqs
        self._closed = Event()
        self._closing = Lock()
        self._slots = BoundedSemaphore(slots)
        self._workers = ThreadPoolExecutor(slots, thread_name_prefix=mapping.queue_name)
        self._poller = Thread(target=self._poll, daemon=True)

    def __enter__(self) -> Self:
        self._poller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take no more messages, and wait for the batches that the function is working on."""
        with self._closing:
            self._closed.set()
        self._workers.shutdown()

    def _poll(self) -> None:
        while not self._closed.is_set():
            # The slot comes first: a message must not lose its visibility waiting for one.
            self._slots.acquire()
            if not self._dispatch(self._batch()):
                self._slots.release()

    def _dispatch(self, messages: Sequence[MessageTypeDef]) -> bool:
        with self._closing:
            if not messages or self._closed.is_set():
                return False
            self._workers.submit(self._process, messages)
            return True

    def _batch(self) -> list[MessageTypeDef]:
        """Up to a full batch, waiting at most the batching window after its first message."""
        size = self._mapping.batch_size
        messages = self._receive(size, LONG_POLL_S)
        deadline = time.monotonic() + self._mapping.batching_window_s
        while messages and len(messages) < size and (left_s := deadline - time.monotonic()) > 0:
            messages += self._receive(size - len(messages), min(math.ceil(left_s), LONG_POLL_S))
        return messages

    def _receive(self, count: int, wait_s: int) -> list[MessageTypeDef]:
        try:
            response = self._sqs.receive_message(
                QueueUrl=self._mapping.queue_url,
                MaxNumberOfMessages=min(count, MESSAGES_PER_CALL),
                WaitTimeSeconds=wait_s,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        except (BotoCoreError, ClientError) as error:
            if not self._closed.wait(1):
                logger.warning("%s: cannot be polled: %s", self._mapping.queue_name, error)
            return []
        return response.get("Messages", [])

    def _process(self, messages: Sequence[MessageTypeDef]) -> None:
        try:
            failed = self._invoke(messages)
            self._delete([m for m in messages if m["MessageId"] not in failed])
        except (BotoCoreError, ClientError) as error:
            logger.warning("%s: cannot delete, so it stays: %s", self._mapping.queue_name, error)
        finally:
            self._slots.release()

    def _invoke(self, messages: Sequence[MessageTypeDef]) -> frozenset[str]:
        everything = frozenset(message["MessageId"] for message in messages)
        try:
            answer = self._function.invoke(sqs_event(messages, queue_arn=self._mapping.queue_arn))
        except FunctionClosedError:
            return everything
        except InvocationError as error:
            logger.warning("%s; %d messages stay", error, len(messages))
            return everything
        return self._reported(answer, everything)

    def _reported(self, answer: bytes, everything: frozenset[str]) -> frozenset[str]:
        if not self._mapping.reports_item_failures:
            return frozenset()
        failed = failed_messages(answer, everything)
        if failed:
            name, stay, total = self._function.name, len(failed), len(everything)
            logger.warning("%s reports failures: %d of %d messages stay", name, stay, total)
        return failed

    def _delete(self, messages: Sequence[MessageTypeDef]) -> None:
        for start in range(0, len(messages), MESSAGES_PER_CALL):
            chunk = messages[start : start + MESSAGES_PER_CALL]
            self._sqs.delete_message_batch(
                QueueUrl=self._mapping.queue_url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                    for n, message in enumerate(chunk)
                ],
            )
