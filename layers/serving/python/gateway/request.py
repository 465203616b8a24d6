"""A request, as API Gateway's HTTP API hands it to a function (payload format 2.0)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from serving.errors import MalformedInputError


@dataclass(frozen=True, slots=True)
class Request:
    """What came: `headers` are lower-cased, `parameters` are the placeholders of the route."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Self:
        """Read an event, trusting none of its fields to be there.

        Raises MalformedInputError where the body is not the base64 that it is said to be.
        """
        context = event.get("requestContext") or {}
        return cls(
            method=(context.get("http") or {}).get("method") or "GET",
            path=event.get("rawPath") or "/",
            headers={k.lower(): v for k, v in (event.get("headers") or {}).items()},
            body=_body(event),
            request_id=context.get("requestId") or "",
        )

    def json(self) -> object:
        """The parsed body; raises MalformedInputError, saying where it stops being JSON."""
        if not self.body.strip():
            raise MalformedInputError("the body: expected JSON, got nothing")
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise MalformedInputError(
                f"the body: expected JSON, got something else at {where}"
            ) from error


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        # A lone surrogate has no UTF-8; let the JSON reader refuse what replaces it.
        return str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedInputError("the body: expected base64, as the event says it is") from error
