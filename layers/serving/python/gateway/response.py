"""A response, as API Gateway's HTTP API takes it from a function (payload format 2.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

JSON = "application/json"

CLIENT_ERROR = range(400, 500)
SERVER_ERROR = range(500, 600)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back; `body` is text, whatever its type."""

    status: int
    body: str
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(
        cls,
        document: object,
        *,
        status: int = 200,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Numpy values are written in the shortest text that gives them back; NaN as null."""
        body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        return cls(status, body, content_type, headers or {})

    @property
    def payload_bytes(self) -> int:
        """What the body takes of the function's payload, where it is a string of JSON: quotes and
        backslashes count twice."""
        return len(self.body.encode()) + self.body.count('"') + self.body.count("\\")

    def to_event(self) -> dict[str, Any]:
        return {
            "statusCode": self.status,
            "headers": {"content-type": self.content_type, **self.headers},
            "body": self.body,
            "isBase64Encoded": False,
        }
