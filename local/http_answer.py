"""What API Gateway's HTTP API makes of a function's answer: payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from starlette.responses import Response

# The gateway's own replies are not problem documents; this is all that it says.
GATEWAY_MESSAGES = {
    404: "Not Found",
    413: "Request Entity Too Large",
    502: "Internal Server Error",
    504: "Endpoint request timed out",
}
# https://www.rfc-editor.org/rfc/rfc9110#section-5
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class MalformedAnswerError(Exception):
    """The function's answer is no HTTP response."""


def http_answer(payload: bytes) -> Response:
    """Raises MalformedAnswerError."""
    try:
        answer = json.loads(payload)
        if isinstance(answer, dict) and "statusCode" in answer:
            return _response(answer)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedAnswerError(f"its answer is no HTTP response: {error}") from error
    # Any other JSON is the body of a success; a string stands for itself.
    body = answer if isinstance(answer, str) else payload
    return Response(body, media_type="application/json")


def gateway_response(status: int) -> Response:
    body = json.dumps({"message": GATEWAY_MESSAGES[status]})
    return Response(body, status, media_type="application/json")


def _response(answer: dict[str, Any]) -> Response:
    response = Response(_body(answer), _status(answer["statusCode"]))
    response.headers["content-type"] = "text/plain;charset=UTF-8"
    for name, value in (answer.get("headers") or {}).items():
        if name.lower() != "content-length":
            response.headers[name] = _header(name, value)
    for cookie in answer.get("cookies") or []:
        response.headers.append("set-cookie", _header("set-cookie", cookie))
    return response


def _status(value: object) -> int:
    if not isinstance(value, int) or not 200 <= value <= 599:  # noqa: PLR2004 - HTTP's own numbers
        raise ValueError(f"expected a status code from 200 to 599, got {value!r}")
    return value


def _body(answer: dict[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if not isinstance(body, str):
        raise TypeError(f"expected a body of text, got {type(body).__name__}")
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return body.encode()


def _header(name: str, value: object) -> str:
    """Values may be numbers or booleans."""
    text = json.dumps(value) if isinstance(value, int | float) else value
    if not isinstance(text, str):
        raise TypeError(f"header {name}: expected text, got {type(value).__name__}")
    if not TOKEN.fullmatch(name) or CONTROL.search(text):
        raise ValueError(f"header {name}: expected a name and a value that HTTP admits")
    return text
