"""The event that API Gateway's HTTP API makes of a request: payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

API_ID = "local"
TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript")


def http_event(
    request: Request, body: bytes, *, route_key: str, path_parameters: dict[str, str]
) -> dict[str, Any]:
    """Paths come decoded, as HTTP APIs send them; the raw query string comes as the client sent it.

    Fields that API Gateway leaves out where they would be empty are left out here too.
    """
    query = request.scope["query_string"].decode("latin-1")
    text = _text(request, body)
    event = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.scope["path"],
        "rawQueryString": query,
        "cookies": [c.strip() for c in request.headers.get("cookie", "").split(";") if c.strip()],
        "headers": _joined((k, v) for k, v in request.headers.items() if k != "cookie"),
        "queryStringParameters": _joined(parse_qsl(query, keep_blank_values=True)),
        "requestContext": _context(request, route_key),
        "pathParameters": path_parameters,
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }
    optional = {"cookies", "queryStringParameters", "pathParameters", "body"}
    return {key: value for key, value in event.items() if value or key not in optional}


def _text(request: Request, body: bytes) -> str | None:
    """The body as text; None where it travels as base64."""
    if body and not request.headers.get("content-type", "").lower().startswith(TEXT_TYPES):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in pairs:
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    return joined


def _context(request: Request, route_key: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "accountId": "anonymous",
        "apiId": API_ID,
        "domainName": request.headers.get("host", ""),
        "domainPrefix": API_ID,
        "http": {
            "method": request.method,
            "path": request.scope["path"],
            "protocol": f"HTTP/{request.scope['http_version']}",
            "sourceIp": request.client.host if request.client else "",
            "userAgent": request.headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route_key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
