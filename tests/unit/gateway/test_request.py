"""A request is read from API Gateway's event, trusting none of its fields to be there."""

from __future__ import annotations

import base64
import gzip
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


@pytest.mark.parametrize("coding", ["gzip", "GZIP", " x-gzip "])
def test_a_body_is_taken_out_of_base64_and_of_its_encoding(coding: str) -> None:
    body = base64.b64encode(gzip.compress(b"[[1]]")).decode()
    headers = {"Content-Encoding": coding}

    request = Request.from_event({"body": body, "isBase64Encoded": True, "headers": headers})

    assert (request.content(), request.json()) == (b"[[1]]", [[1]])


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.model+json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
    ],
)
def test_json_comes_under_its_own_types_and_under_those_that_nobody_chose(
    content_type: str,
) -> None:
    assert Request(headers={"content-type": content_type}).claims_json
    assert Request().claims_json


@pytest.mark.parametrize("content_type", ["text/csv", "image/png", "application/xml", "json"])
def test_json_does_not_come_as_something_else(content_type: str) -> None:
    assert not Request(headers={"content-type": content_type}).claims_json
