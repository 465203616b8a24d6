"""A function's whole HTTP side: event in, event out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access_log import AccessLog
from gateway.content_encoding import encoded
from gateway.problem import ANSWER_TOO_LARGE, INTERNAL, ProblemError, problem_of
from gateway.problem_response import problem_response
from gateway.request import Request
from gateway.response import Response
from gateway.routes import Route, dispatch

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, less room for the
# status and the headers. What is larger is lost, and the caller told of a fault of ours.
MAX_PAYLOAD_BYTES = 6_290_000


class Api:
    """Routes requests; every error becomes a problem, every request one line in the log."""

    def __init__(self, routes: Sequence[Route], log: AccessLog) -> None:
        self._routes = routes
        self._log = log

    def answer(self, event: Mapping[str, Any], invocation_id: str = "") -> dict[str, Any]:
        """Answer an API Gateway v2 event. Raises nothing."""
        started = time.perf_counter()
        request, response = self._respond(event)
        milliseconds = (time.perf_counter() - started) * 1000
        self._log.answered(
            request, response, milliseconds=milliseconds, invocation_id=invocation_id
        )
        if request.method == "HEAD":
            response = response._replace(body="")
        return response.to_event()

    def _respond(self, event: Mapping[str, Any]) -> tuple[Request, Response]:
        request = Request()
        try:
            request = Request.from_event(event)
            response = encoded(
                dispatch(self._routes, request), request.headers.get("accept-encoding", "")
            )
            _check_size(response)
        # The boundary: whatever it is, the caller hears of it as a problem.
        except Exception as error:  # noqa: BLE001
            if problem_of(error) is INTERNAL:
                self._log.failed(request, error)
            response = problem_response(error, request)
        return request, response


def _check_size(response: Response) -> None:
    size = response.payload_bytes
    if size > MAX_PAYLOAD_BYTES:
        raise ProblemError(
            ANSWER_TOO_LARGE,
            f"the answer: expected at most {MAX_PAYLOAD_BYTES} bytes, got {size}; "
            "send fewer rows at a time, or a file for batch scoring",
        )
