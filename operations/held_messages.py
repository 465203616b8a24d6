"""A queue's messages, held while somebody looks at them, and given back afterwards."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Self

from operations.batch_call import Failed, in_batches

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

# Long enough to look at many; should this process be killed, they are visible again after it.
HELD_S = 900
# A long poll asks all of SQS's servers; a short one would miss messages.
POLL_S = 2


class HeldMessages:
    """A context manager: within, messages that were received are hidden from others; on leaving
    it, those that were not deleted are visible again."""

    def __init__(self, sqs: SQSClient, queue_url: str) -> None:
        self._sqs = sqs
        self._url = queue_url
        self._held: dict[str, MessageTypeDef] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        call = partial(self._sqs.change_message_visibility_batch, QueueUrl=self._url)
        handles = [message["ReceiptHandle"] for message in self._held.values()]
        # What cannot be given back comes back by itself.
        in_batches(call, [{"ReceiptHandle": h, "VisibilityTimeout": 0} for h in handles])

    def hidden(self) -> int:
        """About how many messages somebody holds."""
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"])

    def receive(self) -> list[MessageTypeDef]:
        """All that are visible."""
        while messages := self._receive():
            self._held |= {message["MessageId"]: message for message in messages}
        return list(self._held.values())

    def _receive(self) -> list[MessageTypeDef]:
        return self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=POLL_S,
            VisibilityTimeout=HELD_S,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        ).get("Messages", [])

    def delete(self, message_ids: Collection[str]) -> list[Failed]:
        """What was not deleted stays held."""
        ids = list(message_ids)
        call = partial(self._sqs.delete_message_batch, QueueUrl=self._url)
        failed = in_batches(call, [{"ReceiptHandle": self._held[i]["ReceiptHandle"]} for i in ids])
        undeleted = {failure.place for failure in failed}
        for place, message_id in enumerate(ids):
            if place not in undeleted:
                del self._held[message_id]
        return failed
