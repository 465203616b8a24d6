"""Requests and answers: API Gateway's events, varied and read."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import orjson
import pytest


def with_body(event: dict[str, Any], document: object) -> dict[str, Any]:
    return event | {"body": orjson.dumps(document).decode()}


def to(event: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    http = {"method": method, "path": path}
    return event | {"rawPath": path, "requestContext": event["requestContext"] | {"http": http}}


def content(answer: dict[str, Any]) -> bytes:
    """An answer's bytes, out of base64 and gzip."""
    in_base64 = answer["isBase64Encoded"]
    sent: bytes = base64.b64decode(answer["body"]) if in_base64 else answer["body"].encode()
    return gzip.decompress(sent) if "content-encoding" in answer["headers"] else sent


def parsed(answer: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(content(answer), parse_constant=pytest.fail)
    return document


def assert_is_problem(answer: dict[str, Any], status: int, slug: str) -> dict[str, Any]:
    problem = parsed(answer)
    assert answer["statusCode"] == problem["status"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:problem:{slug}"
    assert problem["error"] == problem["detail"]
    assert problem["request_id"] == "TzJcXhqvFiAEJ9w="
    return problem
