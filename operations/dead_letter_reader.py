"""Reads a dead letter: its message, the note that the function left, and the manifests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from delivery.notification import work_of
from delivery.task import Announcement, Task, announcement_of
from functions.score.s3_inbox import S3Inbox
from functions.score.s3_results import S3Results
from operations.dead_letter import DeadLetter, Subject
from operations.fault_note import read_note
from operations.settlement import is_settled
from operations.site import Site
from serving.errors import MalformedInputError

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef


class DeadLetterReader:
    """For one model's letters; safe to call from several threads at once."""

    def __init__(self, site: Site, model: str) -> None:
        self._site = site
        self._model = model
        self._inbox = S3Inbox(site.s3, site.inbox)
        self._results = S3Results(site.s3, site.results)

    def read(self, message: MessageTypeDef) -> DeadLetter:
        attributes = message["Attributes"]
        sent = datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC)
        return DeadLetter(
            message_id=message["MessageId"],
            body=message["Body"],
            sent=sent,
            # Receiving it just now is not what it died of.
            received=int(attributes["ApproximateReceiveCount"]) - 1,
            subjects=tuple(self._subjects(message["Body"], sent)),
            note=read_note(
                self._site.s3,
                self._site.results,
                model=self._model,
                message_id=message["MessageId"],
            ),
        )

    def _subjects(self, body: str, sent: datetime) -> Iterator[Subject]:
        for work in _understood(body):
            source = announcement_of(work).source
            if source.bucket == self._site.inbox and source.key.startswith(f"{self._model}/"):
                span = work.span if isinstance(work, Task) else None
                yield Subject(source, span, self._is_settled(work, sent))

    def _is_settled(self, work: Announcement | Task, sent: datetime) -> bool:
        stored = self._results.read_manifest(announcement_of(work).source.key)
        return stored is not None and is_settled(
            stored.manifest, work, sent=sent, inbox=self._inbox
        )


def _understood(body: str) -> tuple[Announcement | Task, ...]:
    try:
        return work_of(body)
    except MalformedInputError:
        return ()
