"""One model's functions as Lambda runs them: it measures them, and keeps their logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.functional.conftest import Handler
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.cloudwatch import CloudWatch

Json = dict[str, Any]

STACK = "model-housing"
# The model's versions, and Lambda's of the function that serves them.
DEPLOYED, EARLIER = 1, 2
LAMBDA_VERSION = {DEPLOYED: f"{STACK}/Predict/CurrentVersion.Version", EARLIER: "1"}


class Platform:
    """`load` starts a function with a version of the model."""

    def __init__(self, assembly: Assembly, load: Callable[..., Handler]) -> None:
        filters: dict[str, list[Json]] = {}
        for properties in assembly.of_type("AWS::Logs::MetricFilter").values():
            filters.setdefault(properties["LogGroupName"], []).append(properties)
        self.cloudwatch = CloudWatch(filters)
        self._load = load
        self._handlers: dict[tuple[str, int], Handler] = {}
        self._read: dict[Handler, int] = {}

    def start(self, function: str, *, version: int = DEPLOYED) -> Handler:
        key = (function, version)
        if key not in self._handlers:
            self._handlers[key] = self._load(function, version)
        return self._handlers[key]

    def invoke(self, function: str, event: Json, *, at_s: float, version: int = DEPLOYED) -> Json:
        handler = self.start(function, version=version)
        answer = handler(event)
        read, log = self._read.get(handler, 0), handler.log
        self._read[handler] = len(log)
        self.cloudwatch.read(log[read:], log_group=f"{STACK}/{function.title()}Log", at_s=at_s)
        measured = {"Invocations": 1, "Errors": 0, "Throttles": 0, "Duration": 20}
        self.measure(function, at_s=at_s, version=version, **measured)
        return answer

    def measure(
        self, function: str, *, at_s: float, version: int = DEPLOYED, **metrics: float
    ) -> None:
        name = f"{STACK}/{function.title()}"
        live = {"FunctionName": name, "Resource": f"{name}:live"}
        for metric, value in metrics.items():
            put = self.cloudwatch.put
            put("AWS/Lambda", metric, value, at_s=at_s, **live)
            executed = LAMBDA_VERSION[version]
            put("AWS/Lambda", metric, value, at_s=at_s, **live, ExecutedVersion=executed)

    def measure_queue(self, queue: str, *, at_s: float, **metrics: float) -> None:
        for metric, value in metrics.items():
            self.cloudwatch.put("AWS/SQS", metric, value, at_s=at_s, QueueName=queue)
