"""The model's own queue: where the rest of a job is announced, and when a message comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from delivery.notification import Work

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# What SQS takes in one request.
SENT_AT_ONCE = 10
# Most faults pass in seconds; five attempts in 42 minutes outlast those that do not.
FIRST_RETRY_S = 30
RETRY_FACTOR = 4
LAST_RETRY_S = 3600


class SendError(Exception):
    """The queue did not take all that was sent to it."""


class TaskQueue:
    def __init__(self, client: SQSClient, arn: str) -> None:
        *_, account, name = arn.split(":")
        self._client = client
        self._url = f"{client.meta.endpoint_url}/{account}/{name}"

    def send(self, work: Sequence[Work]) -> None:
        """A message for each."""
        for first in range(0, len(work), SENT_AT_ONCE):
            some = work[first : first + SENT_AT_ONCE]
            answer = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "MessageBody": piece.to_json()}
                    for number, piece in enumerate(some)
                ],
            )
            if failed := answer.get("Failed"):
                raise SendError(
                    f"expected {len(some)} messages to be taken, {len(failed)} were not"
                )

    def retry_soon(self, receipt_handle: str, *, received: int) -> None:
        """Let a message come again long before its visibility ends, which is made for work."""
        wait_s = min(FIRST_RETRY_S * RETRY_FACTOR ** (received - 1), LAST_RETRY_S)
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=wait_s
        )
