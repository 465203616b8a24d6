"""Every error is a document of application/problem+json, whole and from one catalogue."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.problem import (
    INTERNAL,
    INVALID_INPUT,
    INVALID_ROWS,
    MALFORMED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNPREDICTABLE,
    Problem,
    ProblemError,
    problem_of,
)
from gateway.problem_response import problem_response
from gateway.request import Request
from serving.errors import (
    ConfigurationError,
    Fault,
    InvalidInputError,
    InvalidRowsError,
    MalformedInputError,
    ModelError,
    OversizedInputError,
    UnpredictableRowError,
)

REQUEST = Request(method="POST", path="/predict", request_id="id-1")
FAULT = Fault(0, "area", "a number", "null")


def document(error: Exception) -> dict[str, Any]:
    parsed: dict[str, Any] = orjson.loads(problem_response(error, REQUEST).body)
    return parsed


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (MalformedInputError("m"), MALFORMED),
        (InvalidInputError("i"), INVALID_INPUT),
        (InvalidRowsError([FAULT]), INVALID_ROWS),
        (OversizedInputError("too many rows"), TOO_LARGE),
        (ModelError("p"), UNPREDICTABLE),
        (UnpredictableRowError([FAULT]), UNPREDICTABLE),
        (ProblemError(METHOD_NOT_ALLOWED, "d"), METHOD_NOT_ALLOWED),
        (ConfigurationError("/opt/model: wrong"), INTERNAL),
        (ValueError("a library's message"), INTERNAL),
        (RecursionError(), INTERNAL),
    ],
)
def test_every_error_has_its_entry_in_the_catalogue(error: Exception, problem: Problem) -> None:
    assert problem_of(error) is problem


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            MalformedInputError("the body: expected JSON, got nothing"),
            {
                "type": "urn:problem:malformed",
                "title": "The body cannot be read",
                "status": 400,
                "detail": "the body: expected JSON, got nothing",
                "instance": "/predict",
                "request_id": "id-1",
                "error": "the body: expected JSON, got nothing",
            },
        ),
        (
            ModelError("model housing failed on these rows"),
            {
                "type": "urn:problem:unpredictable",
                "title": "The model cannot predict these rows",
                "status": 422,
                "detail": "model housing failed on these rows",
                "instance": "/predict",
                "request_id": "id-1",
                "error": "model housing failed on these rows",
            },
        ),
        (
            InvalidRowsError([FAULT], ["/0/area"]),
            {
                "type": "urn:problem:invalid-rows",
                "title": "Some rows cannot be scored",
                "status": 422,
                "detail": "row 0: area: expected a number, got null",
                "instance": "/predict",
                "request_id": "id-1",
                "error": "row 0: area: expected a number, got null",
                "errors": [{"pointer": "/0/area", "expected": "a number", "got": "null"}],
            },
        ),
        (
            InvalidRowsError([FAULT, Fault(2, None, "2 cells", "1")], first_row=1),
            {
                "type": "urn:problem:invalid-rows",
                "title": "Some rows cannot be scored",
                "status": 422,
                "detail": "row 1: area: expected a number, got null (and 1 more)",
                "instance": "/predict",
                "request_id": "id-1",
                "error": "row 1: area: expected a number, got null (and 1 more)",
                "errors": [
                    {"row": 1, "column": "area", "expected": "a number", "got": "null"},
                    {"row": 3, "expected": "2 cells", "got": "1"},
                ],
            },
        ),
        (
            KeyError("/opt/model/secret"),
            {
                "type": "urn:problem:internal",
                "title": "The service failed",
                "status": 500,
                "detail": "An error of ours; the request id finds it in the log.",
                "instance": "/predict",
                "request_id": "id-1",
                "error": "An error of ours; the request id finds it in the log.",
            },
        ),
    ],
)
def test_the_document_is_whole(error: Exception, expected: dict[str, Any]) -> None:
    response = problem_response(error, REQUEST)

    assert orjson.loads(response.body) == expected
    assert response.status == expected["status"]
    assert response.content_type == "application/problem+json"
    assert response.headers == {}


def test_a_problem_of_the_door_keeps_its_headers() -> None:
    error = ProblemError(NOT_FOUND, "/x: expected one of /y", headers={"allow": "GET"})

    response = problem_response(error, REQUEST)

    assert (response.status, dict(response.headers)) == (404, {"allow": "GET"})


def test_of_many_faults_the_first_fifty_are_told() -> None:
    faults = [Fault(row, "area", "a number", "null") for row in range(1000)]

    told = document(InvalidRowsError(faults, [f"/{row}/area" for row in range(1000)]))

    assert told["detail"] == "row 0: area: expected a number, got null (and at least 999 more)"
    assert told["errors"] == [
        {"pointer": f"/{row}/area", "expected": "a number", "got": "null"} for row in range(50)
    ]
