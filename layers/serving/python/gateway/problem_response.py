"""A problem as its caller reads it: application/problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from gateway.problem import INTERNAL, ProblemError, problem_of
from gateway.request import Request
from gateway.response import Response
from serving.errors import NAME_CHARACTERS, InvalidRowsError, InvalidTensorError, shortened

CONTENT_TYPE = "application/problem+json"
# A response of 6 MB is lost whole, so a request whose every cell is wrong hears of the first ones.
MAX_ERRORS = 50


def problem_response(error: Exception, request: Request) -> Response:
    """What the caller is told: never a stack trace, a path of ours or a library's message.

    `error` repeats the detail for clients of the Open Inference Protocol, which read only that.
    """
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
        headers=error.headers if isinstance(error, ProblemError) else {},
    )


def _errors(error: InvalidRowsError | InvalidTensorError) -> list[dict[str, Any]]:
    if isinstance(error, InvalidTensorError):
        return [misfit._asdict() for misfit in error.misfits[:MAX_ERRORS]]
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
