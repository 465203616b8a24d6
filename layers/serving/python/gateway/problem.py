"""Every error that a caller can meet, as problem+json (RFC 9457).

The catalogue below is all there is. `error` repeats the detail for clients of the Open Inference
Protocol, which read only that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.request import Request
from gateway.response import Response
from serving.errors import (
    InvalidInputError,
    InvalidRowsError,
    MalformedInputError,
    ModelError,
)

CONTENT_TYPE = "application/problem+json"
# A response of 6 MB is lost whole, so a request whose every cell is wrong hears of the first ones.
MAX_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the catalogue; `slug` ends its type URI."""

    slug: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"urn:problem:{self.slug}"


MALFORMED = Problem("malformed", 400, "The body cannot be read")
NOT_FOUND = Problem("not-found", 404, "There is nothing at this path")
ANSWER_TOO_LARGE = Problem("answer-too-large", 413, "The answer is larger than a response may be")
METHOD_NOT_ALLOWED = Problem("method-not-allowed", 405, "This path does not take this method")
INVALID_INPUT = Problem("invalid-input", 422, "The body has none of the accepted shapes")
INVALID_ROWS = Problem("invalid-rows", 422, "Some rows cannot be scored")
UNPREDICTABLE = Problem("unpredictable", 422, "The model cannot predict these rows")
INTERNAL = Problem("internal", 500, "The service failed")

_PROBLEMS: dict[type[Exception], Problem] = {
    MalformedInputError: MALFORMED,
    InvalidRowsError: INVALID_ROWS,
    InvalidInputError: INVALID_INPUT,
    ModelError: UNPREDICTABLE,
}


class ProblemError(Exception):
    """A problem that arises in the door itself: a path, a method, a content type."""

    def __init__(
        self, problem: Problem, detail: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.problem = problem
        self.headers = headers or {}


def problem_of(error: Exception) -> Problem:
    """The catalogue's entry for an error; INTERNAL for any that callers should not hear about."""
    if isinstance(error, ProblemError):
        return error.problem
    return next((_PROBLEMS[kind] for kind in type(error).__mro__ if kind in _PROBLEMS), INTERNAL)


def problem_response(error: Exception, request: Request) -> Response:
    """What the caller is told: never a stack trace, a path of ours or a library's message."""
    problem = problem_of(error)
    detail = "An error of ours; the request id finds it in the log."
    if problem is not INTERNAL:
        detail = str(error)
    document: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.path,
        "request_id": request.request_id,
        "error": detail,
    }
    if isinstance(error, InvalidRowsError):
        document["errors"] = _errors(error)
    return Response.json(
        document,
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=error.headers if isinstance(error, ProblemError) else None,
    )


def _errors(error: InvalidRowsError) -> list[dict[str, str]]:
    return [
        {"pointer": pointer, "expected": fault.expected, "got": fault.got}
        for pointer, fault in zip(error.pointers[:MAX_ERRORS], error.faults, strict=False)
    ]
