"""Every error that a caller can meet, as problem+json (RFC 9457).

The catalogue below is all there is. `error` repeats the detail for clients of the Open Inference
Protocol, which read only that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateway.response import Response
from serving.errors import (
    NAME_CHARACTERS,
    InvalidInputError,
    InvalidRowsError,
    InvalidTensorError,
    MalformedInputError,
    ModelError,
    OversizedInputError,
    shortened,
)

if TYPE_CHECKING:
    from gateway.request import Request  # which raises some of the problems

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
NOT_ACCEPTABLE = Problem("not-acceptable", 406, "There is no such representation of the answer")
TOO_LARGE = Problem("too-large", 413, "The body holds more than is scored at once")
ANSWER_TOO_LARGE = Problem("answer-too-large", 413, "The answer is larger than a response may be")
METHOD_NOT_ALLOWED = Problem("method-not-allowed", 405, "This path does not take this method")
UNSUPPORTED_MEDIA_TYPE = Problem("unsupported-media-type", 415, "The body is of another type")
INVALID_INPUT = Problem("invalid-input", 422, "The body has none of the accepted shapes")
INVALID_ROWS = Problem("invalid-rows", 422, "Some rows cannot be scored")
INVALID_TENSOR = Problem("invalid-tensor", 422, "A tensor does not fit the model")
UNPREDICTABLE = Problem("unpredictable", 422, "The model cannot predict these rows")
INTERNAL = Problem("internal", 500, "The service failed")

_PROBLEMS: dict[type[Exception], Problem] = {
    MalformedInputError: MALFORMED,
    InvalidRowsError: INVALID_ROWS,
    OversizedInputError: TOO_LARGE,
    InvalidTensorError: INVALID_TENSOR,
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
        # Of what a header brought, a lone surrogate cannot be written.
        detail = str(error).encode(errors="replace").decode()
    document: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        "instance": request.path,
        "request_id": request.request_id,
        "error": detail,
    }
    if isinstance(error, InvalidRowsError | InvalidTensorError):
        document["errors"] = _errors(error)
    return Response.json(
        document,
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=error.headers if isinstance(error, ProblemError) else None,
    )


def _errors(error: InvalidRowsError | InvalidTensorError) -> list[dict[str, Any]]:
    if isinstance(error, InvalidTensorError):
        return [asdict(misfit) for misfit in error.misfits[:MAX_ERRORS]]
    return [
        {**place, "expected": fault.expected, "got": fault.got}
        for place, fault in zip(islice(_places(error), MAX_ERRORS), error.faults, strict=False)
    ]


def _places(error: InvalidRowsError) -> Iterator[dict[str, str | int]]:
    """Where each fault is: in the JSON document, or in the lines of text."""
    if error.pointers:
        for pointer in error.pointers:
            yield {"pointer": pointer}
        return
    for fault in error.faults:
        name = None if fault.column is None else shortened(fault.column, NAME_CHARACTERS)
        yield {"row": fault.row + error.first_row, **({"column": name} if name else {})}
