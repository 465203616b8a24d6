"""A request is read from API Gateway's event, trusting none of its fields to be there."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from gateway.request import Request
from serving.errors import MalformedInputError

EVENT: dict[str, Any] = {
    "version": "2.0",
    "rawPath": "/models/housing/predict",
    "headers": {"Content-Type": "application/json", "X-UPPER": "As It Came"},
    "requestContext": {"http": {"method": "POST"}, "requestId": "JKJaXmPLvHcESHA="},
    "body": "[[1]]",
    "isBase64Encoded": False,
}


def test_a_whole_event_is_a_request_with_lower_cased_headers() -> None:
    assert Request.from_event(EVENT) == Request(
        method="POST",
        path="/models/housing/predict",
        headers={"content-type": "application/json", "x-upper": "As It Came"},
        body="[[1]]",
        body_is_base64=False,
        request_id="JKJaXmPLvHcESHA=",
    )


@pytest.mark.parametrize(
    "event",
    [
        {},
        dict.fromkeys(EVENT),
        {"requestContext": {"http": None, "requestId": None}, "headers": {}, "body": ""},
    ],
)
def test_an_event_without_anything_asks_for_the_root(event: dict[str, Any]) -> None:
    assert Request.from_event(event) == Request(method="GET", path="/")


def test_lone_surrogates_are_replaced_where_answers_and_logs_repeat_them() -> None:
    request = Request.from_event(
        {
            "rawPath": "/mod\ud800els",
            "requestContext": {"http": {"method": "P\udfffST"}, "requestId": "\ud800"},
        }
    )

    assert (request.path, request.method, request.request_id) == ("/mod?els", "P?ST", "?")


@pytest.mark.parametrize("document", [b"[[1, 2]]", b' {"a": "\xc3\xa9"}\n', '["é€😀"]'.encode()])
def test_text_and_base64_carry_the_same_body(document: bytes) -> None:
    as_text = Request.from_event({"body": document.decode()})
    as_base64 = Request.from_event(
        {"body": base64.b64encode(document).decode(), "isBase64Encoded": True}
    )

    assert as_text.content() == as_base64.content() == document
    assert as_text.json() == as_base64.json()


@pytest.mark.parametrize("body", ["[[1]]", "W1s=x", "W1sxXV", "é", "W1sx\nXV0=", "\ud800"])
def test_a_body_that_is_not_the_base64_it_is_said_to_be_is_malformed(body: str) -> None:
    request = Request.from_event({"body": body, "isBase64Encoded": True})

    with pytest.raises(MalformedInputError) as raised:
        request.json()

    assert str(raised.value) == "the body: expected base64, got something else"


@pytest.mark.parametrize("body", ["", " ", "\r\n\t "])
@pytest.mark.parametrize("in_base64", [False, True], ids=["text", "base64"])
def test_a_body_with_nothing_in_it_is_malformed(body: str, in_base64: object) -> None:
    event_body = base64.b64encode(body.encode()).decode() if in_base64 else body
    request = Request.from_event({"body": event_body, "isBase64Encoded": in_base64})

    with pytest.raises(MalformedInputError) as raised:
        request.json()

    assert str(raised.value) == "the body: expected JSON, got nothing"


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        ("{", 1, 2),
        ('{"area": 1,\n "heat" "gas"}', 2, 9),
        ("[1,]", 1, 3),
        ("[NaN]", 1, 2),
        ("[Infinity]", 1, 2),
        ("[1e999]", 1, 2),
        ("[" + "9" * 5000 + "]", 1, 2),
        ("[" * 100_000, 1, 1026),
        ('["\\ud800"]', 1, 3),
        ('["\ud800"]', 1, 1),
        ("\ufeff[]", 1, 1),
        ("[] []", 1, 4),
        ("[01]", 1, 2),
        ("['a']", 1, 2),
        ("area=1", 1, 1),
        ('["a\nb"]', 1, 4),
        ("[1.]", 1, 4),
        ("// nothing\n[]", 1, 1),
    ],
)
def test_what_is_not_json_is_told_where_it_stops(body: str, line: int, column: int) -> None:
    request = Request.from_event({"body": body})

    with pytest.raises(MalformedInputError) as raised:
        request.json()

    assert str(raised.value) == (
        f"the body: expected JSON, got something else at line {line}, column {column}"
    )


@pytest.mark.parametrize(
    "content", ["[1]".encode("utf-16"), "[1]".encode("utf-32"), '["é"]'.encode("latin-1"), b"\x00"]
)
def test_json_is_utf_8(content: bytes) -> None:
    body = base64.b64encode(content).decode()
    request = Request.from_event({"body": body, "isBase64Encoded": True})

    with pytest.raises(MalformedInputError, match=r"line 1, column 1$"):
        request.json()
