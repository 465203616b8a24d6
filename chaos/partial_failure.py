"""Batch requests of which one entry fails, and all the others take effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

from chaos import sqs_double
from chaos.content import in_memory
from chaos.json_request import JsonRequest
from chaos.s3_request import Answer, Request
from chaos.xml_document import NAMESPACE, Element, document

Reply = dict[str, Any]
# What the double itself would say to a batch that has lost its only entry.
NOTHING: dict[str, Reply] = {
    "PutEvents": {"Entries": [], "FailedEntryCount": 0},
    "SendMessageBatch": {"Successful": [], "Failed": []},
}


def without_one_entry(
    request: JsonRequest, answer: Callable[[JsonRequest], Reply], random: Random
) -> Reply:
    entries = [*request.parameters["Entries"]]
    failed = entries.pop(random.randrange(len(entries)))
    others = replace(request, parameters={**request.parameters, "Entries": entries})
    reply = answer(others) if entries else NOTHING[request.operation]
    if request.operation == "PutEvents":
        return {
            "Entries": [*reply["Entries"], {"ErrorCode": "InternalFailure"}],
            "FailedEntryCount": reply["FailedEntryCount"] + 1,
        }
    refused = sqs_double.failed_entry(failed, "InternalError", is_ours=False)
    return {**reply, "Failed": [*reply["Failed"], refused]}


def without_one_object(
    request: Request, answer: Callable[[Request], Answer], random: Random
) -> Answer:
    """A DeleteObjects; `Quiet` or not, what failed is told."""
    names = {"s3": NAMESPACE}
    told = ET.fromstring(request.content.read())  # noqa: S314 - our own client's
    objects = told.findall("s3:Object", names)
    failed = random.choice(objects)
    told.remove(failed)
    if len(objects) > 1:
        answer(replace(request, content=in_memory(ET.tostring(told))))
    key = failed.findtext("s3:Key", "", names)
    error: Element = ("Error", [("Key", key), ("Code", "InternalError"), ("Message", "")])
    body = document("DeleteResult", error, namespace=NAMESPACE)
    return Answer(200, {"content-type": "application/xml"}, in_memory(body))
