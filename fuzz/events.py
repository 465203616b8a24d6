"""Events: what API Gateway makes of a request."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

from fuzz.shapes import Body

Event = dict[str, Any]

ACCEPTS = [
    "*/*",
    "application/json",
    "text/csv",
    "application/jsonl",
    "application/x-ndjson, */*;q=0.1",
    "text/*;q=0.9, application/json;q=0.8",
    "application/*",
]


def event_of(
    method: str, path: str, content: bytes | str, headers: dict[str, str], random: Random
) -> Event:
    """Bytes come as base64, and so may text."""
    if isinstance(content, str) and random.random() < 1 / 8:
        content = content.encode(errors="surrogatepass")
    in_base64 = isinstance(content, bytes)
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1"},
            "requestId": "TzJcXhqvFiAEJ9w=",
        },
        "body": base64.b64encode(content).decode() if isinstance(content, bytes) else content,
        "isBase64Encoded": in_base64,
    }


def prediction_event(model: str, body: Body, random: Random) -> Event:
    path = random.choice(["/predict", f"/models/{model}/predict"])
    headers = {"content-type": body.content_type, "accept": random.choice(ACCEPTS)}
    if body.content_type == "application/json" and random.random() < 1 / 8:
        del headers["content-type"]
    return event_of("POST", path, body.text, headers, random)


def is_head(event: Event) -> bool:
    """Whatever of the event is there."""
    context = event.get("requestContext") or {}
    return bool((context.get("http") or {}).get("method") == "HEAD")


def content_of(event: Event) -> bytes:
    """The bytes that were sent."""
    body: str = event["body"]
    return base64.b64decode(body) if event["isBase64Encoded"] else body.encode()
