"""Requests become events of API Gateway's payload format 2.0."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from starlette.requests import Request

from local.http_event import http_event


def request(
    *, method: str = "POST", path: str = "/", query: str = "", headers: dict[str, str] | None = None
) -> Request:
    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request(
        {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": pairs,
            "client": ("127.0.0.1", 50_000),
        }
    )


def event_of(request: Request, body: bytes = b"", **route: Any) -> dict[str, Any]:  # noqa: ANN401
    return http_event(request, body, **({"route_key": "$default", "path_parameters": {}} | route))


def test_a_request_becomes_an_event() -> None:
    event = event_of(
        request(
            path="/models/housing/predict",
            query="tag=a&tag=b%20c&empty=",
            headers={
                "host": "127.0.0.1:8080",
                "user-agent": "curl/8",
                "content-type": "application/json",
                "cookie": "one=1; two=2",
            },
        ),
        b'{"instances": []}',
        route_key="ANY /models/housing/{proxy+}",
        path_parameters={"proxy": "predict"},
    )

    context = event["requestContext"]
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /models/housing/{proxy+}",
        "rawPath": "/models/housing/predict",
        "rawQueryString": "tag=a&tag=b%20c&empty=",
        "cookies": ["one=1", "two=2"],
        "headers": {
            "host": "127.0.0.1:8080",
            "user-agent": "curl/8",
            "content-type": "application/json",
        },
        "queryStringParameters": {"tag": "a,b c", "empty": ""},
        "pathParameters": {"proxy": "predict"},
        "body": '{"instances": []}',
        "isBase64Encoded": False,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": "127.0.0.1:8080",
            "domainPrefix": "local",
            "http": {
                "method": "POST",
                "path": "/models/housing/predict",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": context["requestId"],
            "routeKey": "ANY /models/housing/{proxy+}",
            "stage": "$default",
            "time": context["time"],
            "timeEpoch": context["timeEpoch"],
        },
    }


def test_what_would_be_empty_is_left_out() -> None:
    event = event_of(request(method="GET"))

    assert event.keys() == {
        "version",
        "routeKey",
        "rawPath",
        "rawQueryString",
        "headers",
        "requestContext",
        "isBase64Encoded",
    }


def test_headers_that_come_twice_are_joined() -> None:
    twice = Request(
        {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [(b"accept", b"text/csv"), (b"accept", b"application/json")],
            "client": None,
        }
    )

    assert event_of(twice)["headers"] == {"accept": "text/csv,application/json"}


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/xml",
        "application/javascript",
        "text/csv",
    ],
)
def test_text_travels_as_text(content_type: str) -> None:
    event = event_of(request(headers={"content-type": content_type}), "größe".encode())

    assert (event["body"], event["isBase64Encoded"]) == ("größe", False)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/png", b"\x89PNG"),
        ("application/octet-stream", b"plain"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("application/json", b"\xff\xfe"),
        ("", b"plain"),
    ],
)
def test_everything_else_travels_as_base64(content_type: str, body: bytes) -> None:
    event = event_of(request(headers={"content-type": content_type}), body)

    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(body).decode(), True)
