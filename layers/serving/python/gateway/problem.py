"""The catalogue of problems (RFC 9457): every error that a caller can meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from serving.errors import (
    InvalidInputError,
    InvalidRowsError,
    InvalidTensorError,
    MalformedInputError,
    ModelError,
    OversizedInputError,
    UnpredictableRowError,
)


class Problem(NamedTuple):
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
NOT_READY = Problem("not-ready", 503, "The model is not ready")
INTERNAL = Problem("internal", 500, "The service failed")

_PROBLEMS: dict[type[Exception], Problem] = {
    MalformedInputError: MALFORMED,
    InvalidRowsError: INVALID_ROWS,
    UnpredictableRowError: UNPREDICTABLE,
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
