"""A response, as API Gateway's HTTP API takes it from a function (payload format 2.0)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import orjson

JSON = "application/json"

CLIENT_ERROR = range(400, 500)
SERVER_ERROR = range(500, 600)

NOTHING: Mapping[str, str] = MappingProxyType({})


class Response(NamedTuple):
    """What goes back; a `body` of bytes travels as base64."""

    status: int
    body: str | bytes
    content_type: str = JSON
    headers: Mapping[str, str] = NOTHING

    @classmethod
    def json(
        cls,
        document: object,
        *,
        status: int = 200,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        return cls(status, to_json(document).decode(), content_type, headers or NOTHING)

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    @property
    def payload_bytes(self) -> int:
        """What the body takes of the function's payload, where it is a string of JSON: base64, or
        text with its quotes, backslashes and line ends escaped."""
        if isinstance(self.body, bytes):
            return (len(self.body) + 2) // 3 * 4
        return len(orjson.dumps(self.body)) - len('""')

    def to_event(self) -> dict[str, Any]:
        return {
            "statusCode": self.status,
            "headers": {"content-type": self.content_type, **self.headers},
            "body": self.body if isinstance(self.body, str) else b64encode(self.body).decode(),
            "isBase64Encoded": isinstance(self.body, bytes),
        }


def to_json(document: object) -> bytes:
    """Numpy values are written in the shortest text that gives them back; NaN as null."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
