"""SQS's answers to what a function may ask of a queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chaos.json_request import JsonError, JsonRequest
from chaos.message_queue import MAXIMUM_VISIBILITY_S, MessageQueue, ReceiptError

MAXIMUM_DELAY_S = 900
MAXIMUM_BODY_BYTES = 1024 * 1024
MAXIMUM_ENTRIES = 10

Parameters = Mapping[str, Any]
Answer = dict[str, Any]


def answer(queue: MessageQueue, name: str, request: JsonRequest) -> Answer:
    """Of the only queue that there is. Raises JsonError."""
    if request.parameters["QueueUrl"].rpartition("/")[2] != name:
        raise JsonError("QueueDoesNotExist", "The specified queue does not exist.")
    if request.operation not in OPERATIONS:
        raise JsonError("InvalidAction", f"This double knows no {request.operation}")
    return OPERATIONS[request.operation](queue, request.parameters)


def _send(queue: MessageQueue, parameters: Parameters) -> Answer:
    body, delay_s = parameters["MessageBody"], parameters.get("DelaySeconds", 0)
    if not 1 <= len(body.encode()) <= MAXIMUM_BODY_BYTES:
        raise JsonError("InvalidParameterValue", "The body must be 1 byte to 1 MiB long.")
    if not 0 <= delay_s <= MAXIMUM_DELAY_S:
        raise JsonError("InvalidParameterValue", "DelaySeconds must be >= 0 and <= 900.")
    message = queue.send(body, delay_s=delay_s)
    return {"MessageId": message.id, "MD5OfMessageBody": message.md5}


def _change_visibility(queue: MessageQueue, parameters: Parameters) -> Answer:
    timeout_s = parameters["VisibilityTimeout"]
    if not 0 <= timeout_s <= MAXIMUM_VISIBILITY_S:
        raise JsonError("InvalidParameterValue", "VisibilityTimeout must be >= 0 and <= 43200.")
    try:
        queue.change_visibility(parameters["ReceiptHandle"], timeout_s)
    except ReceiptError as error:
        raise JsonError("ReceiptHandleIsInvalid") from error
    return {}


def _delete(queue: MessageQueue, parameters: Parameters) -> Answer:
    queue.delete(parameters["ReceiptHandle"])
    return {}


def _send_batch(queue: MessageQueue, parameters: Parameters) -> Answer:
    entries = parameters["Entries"]
    _require_batch(entries)
    successful: list[Answer] = []
    failed: list[Answer] = []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **_send(queue, entry)})
        except JsonError as error:
            failed.append(failed_entry(entry, error.code, is_ours=True))
    return {"Successful": successful, "Failed": failed}


def failed_entry(entry: Parameters, code: str, *, is_ours: bool) -> Answer:
    return {"Id": entry["Id"], "Code": code, "SenderFault": is_ours, "Message": code}


def _require_batch(entries: Sequence[Parameters]) -> None:
    if not entries:
        raise JsonError("EmptyBatchRequest")
    if len(entries) > MAXIMUM_ENTRIES:
        raise JsonError("TooManyEntriesInBatchRequest")
    if len({entry["Id"] for entry in entries}) < len(entries):
        raise JsonError("BatchEntryIdsNotDistinct")
    if sum(len(entry["MessageBody"].encode()) for entry in entries) > MAXIMUM_BODY_BYTES:
        raise JsonError("BatchRequestTooLong")


OPERATIONS: dict[str, Callable[[MessageQueue, Parameters], Answer]] = {
    "SendMessage": _send,
    "SendMessageBatch": _send_batch,
    "ChangeMessageVisibility": _change_visibility,
    "DeleteMessage": _delete,
}
