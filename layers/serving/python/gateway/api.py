"""A function's whole HTTP side: event in, event out, one log line that carries the metrics."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from gateway.problem import ANSWER_TOO_LARGE, INTERNAL, ProblemError, problem_of, problem_response
from gateway.request import Request
from gateway.response import CLIENT_ERROR, SERVER_ERROR, Response
from gateway.routes import Route, dispatch
from serving.errors import trace_of

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, less room for the
# status and the headers. What is larger is lost, and the caller told of a fault of ours.
MAX_PAYLOAD_BYTES = 6_290_000


class Api:
    """Routes requests; every error becomes a problem, every request one line in the log.

    The line holds method, path, status and time, and the same numbers as CloudWatch metrics in the
    embedded metric format. It never holds a body, a header or a query.
    """

    def __init__(self, routes: Sequence[Route], *, logger: Logger, metrics: Metrics) -> None:
        self._routes = routes
        self._logger = logger
        self._metrics = metrics

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an API Gateway v2 event. Raises nothing."""
        started = time.perf_counter()
        request, response = self._respond(event)
        self._log(request, response, milliseconds=(time.perf_counter() - started) * 1000)
        return response.to_event()

    def _respond(self, event: Mapping[str, Any]) -> tuple[Request, Response]:
        request = Request()
        try:
            request = Request.from_event(event)
            response = dispatch(self._routes, request)
            _check_size(response)
        # The boundary: whatever it is, the caller hears of it as a problem.
        except Exception as error:  # noqa: BLE001
            if problem_of(error) is INTERNAL:
                self._log_failure(error, request)
            response = problem_response(error, request)
        return request, response

    def _log_failure(self, error: Exception, request: Request) -> None:
        self._logger.error(
            "request failed",
            extra={"http_request_id": request.request_id, **trace_of(error)},
        )

    def _log(self, request: Request, response: Response, *, milliseconds: float) -> None:
        self._metrics.add_metric("Requests", MetricUnit.Count, 1)
        self._metrics.add_metric("Latency", MetricUnit.Milliseconds, milliseconds)
        self._metrics.add_metric("ClientErrors", MetricUnit.Count, response.status in CLIENT_ERROR)
        self._metrics.add_metric("ServerErrors", MetricUnit.Count, response.status in SERVER_ERROR)
        measured = self._metrics.serialize_metric_set()
        self._metrics.clear_metrics()
        self._logger.info(
            "request",
            extra={
                "http_method": request.method,
                "http_path": request.path,
                "http_status": response.status,
                "http_request_id": request.request_id,
                **measured,
            },
        )


def _check_size(response: Response) -> None:
    size = response.payload_bytes
    if size > MAX_PAYLOAD_BYTES:
        raise ProblemError(
            ANSWER_TOO_LARGE,
            f"the answer: expected at most {MAX_PAYLOAD_BYTES} bytes, got {size}; "
            "send fewer rows at a time, or a file for batch scoring",
        )
