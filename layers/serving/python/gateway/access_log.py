"""The access log: one line of JSON for each request, with its metrics inside."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from gateway.request import Request
from gateway.response import CLIENT_ERROR, SERVER_ERROR, Response
from serving.errors import GoldenError, trace_of

UNITS = {
    "Requests": "Count",
    "Latency": "Milliseconds",
    "ClientErrors": "Count",
    "ServerErrors": "Count",
}


class AccessLog:
    """Writes method, path, status and time, and the same numbers as CloudWatch metrics in the
    embedded metric format; never a body, a header or a query.

    Lines have the form of Powertools' logger, whose import would take a tenth of a cold start.
    """

    def __init__(
        self, service: str, *, namespace: str, dimensions: Mapping[str, str], **constants: object
    ) -> None:
        """`dimensions` are those of the metrics, besides the service; every line says them, and
        the constants."""
        self._said = {"service": service, **dimensions, **constants}
        metrics = {
            "Namespace": namespace,
            "Dimensions": [[*dimensions, "service"]],
            "Metrics": [{"Name": name, "Unit": unit} for name, unit in UNITS.items()],
        }
        # Of all lines the same, and so written once.
        self._metrics = orjson.Fragment(orjson.dumps([metrics]))
        # Bound now, as a logging handler does it.
        self._stream = sys.stdout

    def answered(
        self, request: Request, response: Response, *, milliseconds: float, invocation_id: str
    ) -> None:
        now = datetime.now(UTC)
        line = {
            "level": "INFO",
            "message": "request",
            "timestamp": now,
            **self._said,
            "function_request_id": invocation_id,
            "http_method": request.method,
            "http_path": request.path,
            "http_status": response.status,
            "http_request_id": request.request_id,
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": self._metrics},
            "Requests": 1,
            "Latency": milliseconds,
            "ClientErrors": int(response.status in CLIENT_ERROR),
            "ServerErrors": int(response.status in SERVER_ERROR),
        }
        self._write(line)

    def failed(self, request: Request, error: Exception) -> None:
        line = {
            "level": "ERROR",
            "message": "request failed",
            "timestamp": datetime.now(UTC),
            **self._said,
            "http_request_id": request.request_id,
            **trace_of(error),
        }
        self._write(line)

    def unready(self, error: GoldenError) -> None:
        """Its message quotes golden rows, which come with the model, and no one's payload."""
        line = {
            "level": "ERROR",
            "message": "not ready",
            "timestamp": datetime.now(UTC),
            **self._said,
            "reason": str(error),
        }
        self._write(line)

    def _write(self, line: Mapping[str, object]) -> None:
        self._stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())
        self._stream.flush()
