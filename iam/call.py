"""A call to AWS as it goes over the wire: who signed it, and what the request says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

SIGNED_BY = re.compile(r"Credential=([^/]+)/")


@dataclass(frozen=True, slots=True)
class Call:
    """Header names are in lower case; `path` is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def of(cls, method: str, url: str, headers: Mapping[str, str | bytes], body: bytes) -> Self:
        parts = urlsplit(url)
        return cls(
            method,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): _text(value) for name, value in headers.items()},
            body,
        )

    @property
    def access_key(self) -> str | None:
        found = SIGNED_BY.search(self.headers.get("authorization", ""))
        return found and found[1]

    @property
    def target(self) -> str | None:
        """Service and operation in AWS's JSON protocols: "AmazonSQS.SendMessage"."""
        return self.headers.get("x-amz-target")

    def parameters(self) -> dict[str, Any]:
        """The body in AWS's JSON protocols."""
        parameters: dict[str, Any] = json.loads(self.body)
        return parameters


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
