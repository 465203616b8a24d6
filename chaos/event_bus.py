"""EventBridge's answers, and the events that its default bus took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from chaos.json_request import JsonError, JsonRequest

MAXIMUM_ENTRIES = 10
MAXIMUM_BYTES = 256 * 1024


class EventBus:
    """`details`: what happened, by the events' own word."""

    def __init__(self) -> None:
        self.details: list[Mapping[str, Any]] = []

    def answer(self, request: JsonRequest) -> dict[str, Any]:
        if request.operation != "PutEvents":
            raise JsonError("UnknownOperationException", f"no {request.operation}")
        entries = request.parameters["Entries"]
        if not 1 <= len(entries) <= MAXIMUM_ENTRIES:
            raise JsonError("ValidationException", f"Expected 1 to {MAXIMUM_ENTRIES} entries")
        if len(orjson.dumps(entries)) > MAXIMUM_BYTES:
            raise JsonError("ValidationException", "Total size of the entries is over the limit")
        told = [self._take(entry) for entry in entries]
        failed = sum("ErrorCode" in entry for entry in told)
        return {"FailedEntryCount": failed, "Entries": told}

    def _take(self, entry: Mapping[str, Any]) -> dict[str, str]:
        if missing := {"Source", "DetailType", "Detail"} - entry.keys():
            named = ", ".join(sorted(missing))
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": f"Parameter {named} missing."}
        try:
            self.details.append(orjson.loads(entry["Detail"]))
        except orjson.JSONDecodeError:
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        return {"EventId": f"event-{len(self.details)}"}
