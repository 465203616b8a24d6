"""Answers become HTTP responses as API Gateway reads payload format 2.0."""

from __future__ import annotations

import json

import pytest

from local.http_answer import MalformedAnswerError, gateway_response, http_answer

JSON = ("content-type", "application/json")
TEXT = ("content-type", "text/plain;charset=UTF-8")


@pytest.mark.parametrize(
    ("answer", "status", "headers", "body"),
    [
        ({"statusCode": 204}, 204, [TEXT], b""),
        ({"statusCode": 200, "body": "größe"}, 200, [TEXT], "größe".encode()),
        (
            {
                "statusCode": 422,
                "headers": {"Content-Type": "application/problem+json", "Retry-After": 5},
                "body": "{}",
            },
            422,
            [("content-type", "application/problem+json"), ("retry-after", "5")],
            b"{}",
        ),
        (
            {"statusCode": 200, "body": "iVBORw==", "isBase64Encoded": True},
            200,
            [TEXT],
            b"\x89PNG",
        ),
        (
            {"statusCode": 200, "cookies": ["a=1", "b=2; Secure"], "body": "x"},
            200,
            [TEXT, ("set-cookie", "a=1"), ("set-cookie", "b=2; Secure")],
            b"x",
        ),
        (
            {"statusCode": 200, "headers": {"content-length": "999"}, "body": "x"},
            200,
            [TEXT],
            b"x",
        ),
        # without a status code, the answer is the body of a success
        ({"predictions": [1]}, 200, [JSON], b'{"predictions": [1]}'),
        ([1, 2], 200, [JSON], b"[1, 2]"),
        ("hello", 200, [JSON], b"hello"),
        (None, 200, [JSON], b"null"),
    ],
)
def test_an_answer_becomes_a_response(
    answer: object, status: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    response = http_answer(json.dumps(answer).encode())

    sent = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    assert (response.status_code, sent, response.body) == (status, headers, body)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"not JSON",
        b"[" * 100_000,
        b'{"statusCode": "200"}',
        b'{"statusCode": 42}',
        b'{"statusCode": 101}',
        b'{"statusCode": null}',
        b'{"statusCode": 200, "body": {"not": "text"}}',
        b'{"statusCode": 200, "body": "!", "isBase64Encoded": true}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "headers": {"a": ["b"]}}',
        b'{"statusCode": 200, "headers": {"a": "line\\nline"}}',
        b'{"statusCode": 200, "headers": {"a b": "x"}}',
        b'{"statusCode": 200, "headers": {"a": "\xe2\x82\xac"}}',
        b'{"statusCode": 200, "cookies": [["a"]]}',
        b'{"statusCode": 200, "body": "\\ud800"}',
    ],
)
def test_a_malformed_answer_is_refused(payload: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        http_answer(payload)


def test_the_gateways_own_replies_are_messages() -> None:
    response = gateway_response(502)

    assert (response.status_code, response.body) == (502, b'{"message": "Internal Server Error"}')
