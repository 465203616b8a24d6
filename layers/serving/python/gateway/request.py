"""A request, as API Gateway's HTTP API hands it to a function (payload format 2.0)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from gateway.content_encoding import decoded
from gateway.json_text import parse
from gateway.negotiation import media_type
from gateway.response import JSON, NOTHING
from serving.errors import MalformedInputError

# Nothing, curl's default for --data, and what browsers may send without asking first.
UNCHOSEN = {"", "application/x-www-form-urlencoded", "text/plain"}


class Request(NamedTuple):
    """What came: `headers` are lower-cased, `parameters` are the placeholders of the route.

    `body` is as the event has it; `content` and `json` read it.
    """

    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = NOTHING
    body: str = ""
    body_is_base64: bool = False
    request_id: str = ""
    parameters: Mapping[str, str] = NOTHING

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

    @property
    def claims_json(self) -> bool:
        """Whether the content type is JSON's, or one that clients send where nobody chose any."""
        kind = media_type(self.headers.get("content-type", JSON))
        return kind == JSON or kind.endswith("+json") or kind in UNCHOSEN

    def content(self) -> bytes:
        """The body's bytes, out of base64 and of their content encoding.

        Raises MalformedInputError where they are not what the event and the header say, and what
        `decoded` raises.
        """
        return decoded(self._sent(), self.headers.get("content-encoding", ""))

    def _sent(self) -> bytes:
        if not self.body_is_base64:
            # A lone surrogate has no UTF-8: whoever reads the bytes refuses what it becomes.
            return self.body.encode(errors="surrogatepass")
        try:
            return base64.b64decode(self.body, validate=True)
        except ValueError as error:
            raise MalformedInputError("the body: expected base64, got something else") from error

    def json(self) -> object:
        """The parsed body; raises what `content` and `parse` raise."""
        return parse(self.content())


def _writable(text: str) -> str:
    """Text that an answer and a log can repeat: a lone surrogate could be written to neither."""
    return text if text.isascii() else text.encode(errors="replace").decode()
