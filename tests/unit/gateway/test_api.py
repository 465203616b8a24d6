"""The HTTP side as a whole: every event is answered and leaves one line that says nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, cast

import orjson
import pytest

from gateway.access_log import AccessLog
from gateway.api import Api
from gateway.request import Request
from gateway.response import Response
from gateway.routes import Route
from serving.errors import MalformedInputError, ModelError

SECRET = "a secret of the payload"


def echo(request: Request) -> Response:
    return Response.json({"got": request.json()})


def fail(_: Request) -> Response:
    raise ValueError(SECRET)


def fail_to_predict(_: Request) -> Response:
    raise ModelError("the model failed on these rows") from RuntimeError(SECRET)


def answer_at_length(request: Request) -> Response:
    """As many quotes as the body says, each of two bytes in the function's payload."""
    return Response(200, '"' * int(request.content()))


def refuse(_: Request) -> Response:
    raise MalformedInputError("the body: expected JSON, got nothing")


ROUTES = [
    Route("POST", "/echo", echo),
    Route("POST", "/fail", fail),
    Route("POST", "/fail-to-predict", fail_to_predict),
    Route("POST", "/refuse", refuse),
    Route("POST", "/answer-at-length", answer_at_length),
    Route("GET", "/get", lambda _: Response(200, "x" * 20_000, headers={"scoring-digest": "d"})),
]


class Door:
    """An Api with its log in memory."""

    def __init__(self) -> None:
        self._log = StringIO()
        with redirect_stdout(self._log):
            log = AccessLog(
                "doors", namespace="Tests", dimensions={"model": "none"}, model_version=7
            )
        self._api = Api(ROUTES, log)

    def answer(self, event: object) -> dict[str, Any]:
        return self._api.answer(cast(Mapping[str, Any], event))

    def post(self, path: str, body: object = "", **fields: object) -> dict[str, Any]:
        context = {"http": {"method": "POST"}, "requestId": "id-1"}
        return self.answer({"rawPath": path, "requestContext": context, "body": body, **fields})

    @property
    def log(self) -> str:
        return self._log.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.splitlines()]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("path", ["/get", "/echo", "/nothing"])
@pytest.mark.parametrize("headers", [{}, {"accept-encoding": "gzip"}])
def test_a_head_is_answered_as_a_get_is_but_for_its_body(
    door: Door, path: str, headers: dict[str, str]
) -> None:
    got, asked = (
        door.answer(
            {"rawPath": path, "headers": headers, "requestContext": {"http": {"method": method}}}
        )
        for method in ("GET", "HEAD")
    )

    assert asked == {**got, "body": "", "isBase64Encoded": False}
    assert [(line["http_method"], line["http_status"]) for line in door.lines] == [
        ("GET", got["statusCode"]),
        ("HEAD", got["statusCode"]),
    ]


def test_a_request_is_answered(door: Door) -> None:
    answer = door.post("/echo", '{"a": [1, null]}')

    assert answer == {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": '{"got":{"a":[1,null]}}',
        "isBase64Encoded": False,
    }


def test_an_empty_event_is_answered(door: Door) -> None:
    answer = door.answer({})

    paths = "/answer-at-length, /echo, /fail, /fail-to-predict, /get, /refuse"
    assert answer["statusCode"] == 404
    assert orjson.loads(answer["body"]) == {
        "type": "urn:problem:not-found",
        "title": "There is nothing at this path",
        "status": 404,
        "detail": f"/: expected one of {paths}",
        "instance": "/",
        "request_id": "",
        "error": f"/: expected one of {paths}",
    }


def test_another_method_is_told_the_one_there_is(door: Door) -> None:
    answer = door.answer({"rawPath": "/echo"})

    assert answer["statusCode"] == 405
    assert answer["headers"] == {"content-type": "application/problem+json", "allow": "POST"}


def test_wrong_base64_is_a_problem_of_its_path_and_request(door: Door) -> None:
    answer = door.post("/echo", "[1]", isBase64Encoded=True)

    assert answer["statusCode"] == 400
    assert orjson.loads(answer["body"]) == {
        "type": "urn:problem:malformed",
        "title": "The body cannot be read",
        "status": 400,
        "detail": "the body: expected base64, got something else",
        "instance": "/echo",
        "request_id": "id-1",
        "error": "the body: expected base64, got something else",
    }


def test_the_longest_answer_that_lambda_takes_is_given(door: Door) -> None:
    assert door.post("/answer-at-length", "3145000")["statusCode"] == 200


def test_a_longer_answer_is_refused_before_lambda_loses_it(door: Door) -> None:
    answer = door.post("/answer-at-length", "3145001")

    assert answer["statusCode"] == 413
    assert orjson.loads(answer["body"])["detail"] == (
        "the answer: expected at most 6290000 bytes, got 6290002; "
        "send fewer rows at a time, or a file for batch scoring"
    )


def test_an_unexpected_exception_is_a_500_that_says_nothing_of_itself(door: Door) -> None:
    answer = door.post("/fail", SECRET)

    assert answer["statusCode"] == 500
    assert orjson.loads(answer["body"])["detail"] == (
        "An error of ours; the request id finds it in the log."
    )
    assert "secret" not in answer["body"]
    assert "ValueError" not in answer["body"]


def test_an_unexpected_exception_is_logged_by_type_and_place_only(door: Door) -> None:
    door.post("/fail", SECRET)

    failure, line = door.lines
    assert failure["level"] == "ERROR"
    assert failure["message"] == "request failed"
    assert failure["service"] == "doors"
    assert failure["http_request_id"] == "id-1"
    assert failure["error_type"] == "ValueError"
    assert __file__ in failure["error_frames"][-1]
    assert line["http_status"] == 500
    assert SECRET not in door.log


def test_the_cause_of_a_models_error_is_not_told(door: Door) -> None:
    answer = door.post("/fail-to-predict")

    assert answer["statusCode"] == 422
    assert SECRET not in answer["body"] + door.log


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "event",
        {"requestContext": "x"},
        {"requestContext": {"http": "x"}},
        {"headers": ["a"]},
        {"rawPath": 5},
    ],
)
def test_an_event_that_api_gateway_never_sends_is_answered_too(door: Door, event: object) -> None:
    assert door.answer(event)["statusCode"] == 500


@pytest.mark.parametrize("body", [{"a": 1}, 5, ["a"]])
@pytest.mark.parametrize("is_base64", [False, True], ids=["text", "base64"])
def test_a_body_that_is_no_text_is_answered_too(
    door: Door, body: object, is_base64: object
) -> None:
    assert door.post("/echo", body, isBase64Encoded=is_base64)["statusCode"] == 500


def test_a_lone_surrogate_in_the_path_is_answered_in_utf_8(door: Door) -> None:
    answer = door.post("/\ud800")

    assert answer["statusCode"] == 404
    assert orjson.loads(answer["body"])["instance"] == "/?"
    assert door.lines[0]["http_path"] == "/?"


def test_every_request_is_one_line_with_its_metrics(door: Door) -> None:
    door.post("/echo", f'["{SECRET}"]', headers={"authorization": SECRET}, rawQueryString=SECRET)

    [line] = door.lines
    latency = line.pop("Latency")
    emf = line.pop("_aws")
    for varying in ("timestamp", "function_request_id"):
        assert line.pop(varying) is not None
    assert line == {
        "level": "INFO",
        "message": "request",
        "service": "doors",
        "model": "none",
        "model_version": 7,
        "http_method": "POST",
        "http_path": "/echo",
        "http_status": 200,
        "http_request_id": "id-1",
        "Requests": 1,
        "ClientErrors": 0,
        "ServerErrors": 0,
    }
    assert 0 < latency < 10_000
    assert emf["CloudWatchMetrics"] == [
        {
            "Namespace": "Tests",
            "Dimensions": [["model", "service"]],
            "Metrics": [
                {"Name": "Requests", "Unit": "Count"},
                {"Name": "Latency", "Unit": "Milliseconds"},
                {"Name": "ClientErrors", "Unit": "Count"},
                {"Name": "ServerErrors", "Unit": "Count"},
            ],
        }
    ]
    assert SECRET not in door.log


@pytest.mark.parametrize(
    ("path", "client_errors", "server_errors"),
    [("/refuse", 1, 0), ("/nowhere", 1, 0), ("/fail", 0, 1)],
)
def test_errors_are_counted_by_who_must_act(
    door: Door, path: str, client_errors: int, server_errors: int
) -> None:
    door.post(path)

    line = door.lines[-1]
    assert (line["Requests"], line["ClientErrors"], line["ServerErrors"]) == (
        1,
        client_errors,
        server_errors,
    )


def test_each_line_counts_its_own_request_only(door: Door) -> None:
    door.post("/fail")
    door.post("/echo", "[]")
    door.post("/refuse")

    counts = [
        (line["Requests"], line["ClientErrors"], line["ServerErrors"])
        for line in door.lines
        if line["message"] == "request"
    ]
    assert counts == [(1, 0, 1), (1, 0, 0), (1, 1, 0)]
