"""Alarms are on metrics that something really writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from delivery.outcome import Outcome
from local.assembly import ROOT
from rehearsal.joined import Joined

Json = dict[str, Any]

# What our functions write into their logs, as words in these files.
WRITERS = ("layers/serving/python/gateway/access_log.py", "functions/score/journal.py")
OURS = "OnnxLambda/"
# What the platform writes by itself, and of what.
PLATFORM = {
    "AWS/Lambda": (
        {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
        "FunctionName",
    ),
    "AWS/SQS": (
        {
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        },
        "QueueName",
    ),
    "AWS/ApiGateway": ({"4xx", "5xx", "Count", "Latency", "IntegrationLatency"}, "ApiId"),
}


def metric_findings(joined: Joined) -> Iterator[str]:
    written = {*_written(), *_filtered(joined)}
    for alarm, properties in joined.of_type("AWS::CloudWatch::Alarm"):
        for metric in _metrics(properties):
            if not _is_written(metric, written, joined):
                name = f"{metric['Namespace']} {metric['MetricName']}"
                yield f"{'/'.join(alarm.path)}: expected a metric that is written, got {name}"


def _metrics(alarm: Json) -> Iterator[Json]:
    if "MetricName" in alarm:
        yield alarm
    for query in alarm.get("Metrics", []):
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def _is_written(metric: Json, written: set[str], joined: Joined) -> bool:
    namespace, name = metric["Namespace"], metric["MetricName"]
    if namespace.startswith(OURS):
        return name in written
    names, dimension = PLATFORM.get(namespace, (set(), ""))
    of = {entry["Name"]: entry["Value"] for entry in metric.get("Dimensions", [])}
    return name in names and joined.named(of.get(dimension)) is not None


def _written() -> Iterator[str]:
    for path in WRITERS:
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for outcome in Outcome:
        yield f"Files{outcome.name.title()}"


def _filtered(joined: Joined) -> Iterator[str]:
    """Metrics that are counted in the log."""
    for _, properties in joined.of_type("AWS::Logs::MetricFilter"):
        for transformation in properties["MetricTransformations"]:
            yield transformation["MetricName"]
