"""A response is what API Gateway takes, and its body is JSON that every reader can read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gateway.response import Response


def test_a_response_becomes_an_event_of_payload_format_2() -> None:
    response = Response(
        404, "{}", "application/problem+json", headers={"allow": "GET", "scoring-digest": "ab"}
    )

    assert response.to_event() == {
        "statusCode": 404,
        "headers": {
            "content-type": "application/problem+json",
            "allow": "GET",
            "scoring-digest": "ab",
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def test_bytes_travel_as_base64() -> None:
    response = Response(200, b"\x00\xff\x10\x20", "application/octet-stream")

    assert response.to_event() == {
        "statusCode": 200,
        "headers": {"content-type": "application/octet-stream"},
        "body": "AP8QIA==",
        "isBase64Encoded": True,
    }
    assert response.payload_bytes == len("AP8QIA==")


def test_json_is_the_rule() -> None:
    assert Response.json({"é": [1, None]}) == Response(200, '{"é":[1,null]}', "application/json")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.float64(0.1), "0.1"),
        (np.array([[0.1], [np.nan]], np.float32), "[[0.1],[null]]"),
        (np.float32("inf"), "null"),
        (float("nan"), "null"),
        (np.bool_(True), "true"),  # noqa: FBT003 - the value under test
        (np.uint64(2**64 - 1), "18446744073709551615"),
    ],
)
def test_numbers_of_numpy_are_written_as_json_can_hold_them(value: object, text: str) -> None:
    body = Response.json(value).body

    assert body == text
    json.loads(body, parse_constant=pytest.fail)
