"""The person on call, who looks at dead letters by the means of operations/, and meets no fault."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chaos.call import Call, call_of
from chaos.cloud import Cloud
from chaos.fault import Calm, Fault
from chaos.laboratory import INBOX, MODEL, REGION, RESULTS
from chaos.message_queue import Message
from chaos.network import Network
from operations.dead_letter import DeadLetter
from operations.dead_letter_reader import DeadLetterReader
from operations.site import Site

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef


class PersonOnCall:
    """Reads the letters of one cloud after another: making a client takes longer than a run."""

    _network: Network

    def __init__(self) -> None:
        session = boto3.Session("nobody", "nothing", region_name=REGION)
        session.events.register_first("before-send", self._send)  # type: ignore[arg-type] # hooks may answer
        session.events.register_first("choose-signer", lambda **_: UNSIGNED)
        site = Site(session.client("s3"), session.client("sqs"), INBOX, RESULTS)
        self._reader = DeadLetterReader(site, MODEL)

    def letters(self, cloud: Cloud) -> list[DeadLetter]:
        self._network = Network(cloud, Calm(), _unobserved)
        return [self._reader.read(_received(letter)) for letter in cloud.queue.dead_letters]

    def _send(self, event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's
        return self._network.answer(call_of(event_name, request), self)

    def die(self) -> None:
        raise RuntimeError("expected no fault where none was planned")


person_on_call = cache(PersonOnCall)


def _received(letter: Message) -> MessageTypeDef:
    return {
        "MessageId": letter.id,
        "Body": letter.body,
        "Attributes": {
            "SentTimestamp": str(int(letter.sent_s * 1000)),
            "ApproximateReceiveCount": str(letter.receive_count + 1),
        },
    }


def _unobserved(_: Call, __: Fault | None, ___: str) -> None: ...
