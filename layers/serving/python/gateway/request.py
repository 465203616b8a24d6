"""A request, as API Gateway's HTTP API hands it to a function (payload format 2.0)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from serving.errors import MalformedInputError


@dataclass(frozen=True, slots=True)
class Request:
    """What came: `headers` are lower-cased, `parameters` are the placeholders of the route.

    `body` is as the event has it; `content` and `json` read it.
    """

    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    body_is_base64: bool = False
    request_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Self:
        """Read an event, trusting none of its fields to be there."""
        context = event.get("requestContext") or {}
        return cls(
            method=_writable((context.get("http") or {}).get("method") or "GET"),
            path=_writable(event.get("rawPath") or "/"),
            headers={k.lower(): v for k, v in (event.get("headers") or {}).items()},
            body=event.get("body") or "",
            body_is_base64=bool(event.get("isBase64Encoded")),
            request_id=_writable(context.get("requestId") or ""),
        )

    def content(self) -> bytes:
        """The body's bytes; raises MalformedInputError where they are not the base64 that the
        event says they are."""
        if not self.body_is_base64:
            # A lone surrogate has no UTF-8: whoever reads the bytes refuses what it becomes.
            return self.body.encode(errors="surrogatepass")
        try:
            return base64.b64decode(self.body, validate=True)
        except ValueError as error:
            raise MalformedInputError("the body: expected base64, got something else") from error

    def json(self) -> object:
        """The parsed body; raises MalformedInputError, saying where it stops being JSON."""
        content = self.content()
        if not content.strip():
            raise MalformedInputError("the body: expected JSON, got nothing")
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise MalformedInputError(
                f"the body: expected JSON, got something else at {where}"
            ) from error


def _writable(text: str) -> str:
    """Text that an answer and a log can repeat: a lone surrogate could be written to neither."""
    return text.encode(errors="replace").decode()
