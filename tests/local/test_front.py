"""Over real HTTP, a function's trouble becomes the gateway's own reply, and stays its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from local.front import Front
from local.port import Port, url_of
from local.route import Route

if TYPE_CHECKING:
    from tests.local.conftest import FunctionOf

ECHO_OR_TROUBLE = """
    import os, time

    def handler(event, context):
        match event["rawPath"]:
            case "/raise":
                raise ValueError
            case "/exit":
                os._exit(1)
            case "/hang":
                time.sleep(3600)
            case "/rubbish":
                return {"statusCode": "many"}
            case "/too much":
                return "x" * 6_300_000
        return {
            "statusCode": 201,
            "headers": {"content-type": "application/json", "x-path": event["rawPath"]},
            "body": event.get("body", ""),
            "isBase64Encoded": event["isBase64Encoded"],
        }
"""


@pytest.fixture
def client(function_of: FunctionOf) -> Iterator[httpx.Client]:
    function = function_of(ECHO_OR_TROUBLE, timeout_s=1)
    bound = Port(0, "PORT").bind()
    url = url_of(bound)
    with Front([Route("$default", function)], bound), httpx.Client(base_url=url) as client:
        yield client


def test_a_request_reaches_the_function_and_its_answer_the_client(client: httpx.Client) -> None:
    response = client.post("/models/a%20b", json={"größe": 1})

    assert response.status_code == 201
    assert response.headers["x-path"] == "/models/a b"
    assert response.json() == {"größe": 1}


def test_bytes_come_back_as_they_went(client: httpx.Client) -> None:
    body = bytes(range(256)) * 100

    response = client.post("/", content=body, headers={"content-type": "image/png"})

    assert response.content == body


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/raise", 502, "Internal Server Error"),
        ("/exit", 502, "Internal Server Error"),
        ("/rubbish", 502, "Internal Server Error"),
        ("/too much", 502, "Internal Server Error"),
        ("/hang", 504, "Endpoint request timed out"),
    ],
)
def test_trouble_costs_its_own_request_only(
    client: httpx.Client, path: str, status: int, message: str
) -> None:
    troubled = client.get(path)
    afterwards = client.get("/")

    assert (troubled.status_code, troubled.json()) == (status, {"message": message})
    assert afterwards.status_code == 201


@pytest.mark.parametrize(
    "size_bytes",
    [
        pytest.param(10 * 1024 * 1024 + 1, id="above API Gateway's limit"),
        pytest.param(6_291_556, id="above Lambda's limit, as an event"),
    ],
)
def test_a_body_that_is_too_large_is_refused(client: httpx.Client, size_bytes: int) -> None:
    response = client.post("/", content=b"x" * size_bytes, headers={"content-type": "text/csv"})

    assert (response.status_code, json.loads(response.content)) == (
        413,
        {"message": "Request Entity Too Large"},
    )


def test_without_a_route_there_is_nothing(function_of: FunctionOf) -> None:
    function = function_of(ECHO_OR_TROUBLE)
    bound = Port(0, "PORT").bind()
    url = url_of(bound)

    with Front([Route("GET /only", function)], bound):
        response = httpx.get(f"{url}/other")

    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})
