"""CloudWatch, as far as this product's alarms go: metrics, metric filters, metric math, states."""

from __future__ import annotations

import ast
import json
import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = dict[str, Any]
Value = float | None

OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
}
CONDITION = re.compile(r'\$\.(\w+) (=|!=|>=) (?:"([^"]*)"|(\d+))')
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
}


class Sample(NamedTuple):
    at_s: float
    value: float


class Series(NamedTuple):
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass
class CloudWatch:
    """`filters` are the properties of the template's metric filters, by their log group."""

    filters: Mapping[str, list[Json]]
    _samples: dict[Series, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def put(
        self, namespace: str, name: str, value: float, *, at_s: float, **dimensions: str
    ) -> None:
        series = Series(namespace, name, frozenset(dimensions.items()))
        self._samples[series].append(Sample(at_s, value))

    def read(self, text: str, *, log_group: str, at_s: float) -> None:
        """Lines of a log: their embedded metrics, and what filters count in them."""
        for line in map(json.loads, text.splitlines()):
            self._extract(line, at_s)
            for metric_filter in self.filters.get(log_group, []):
                self._count(line, metric_filter, at_s)

    def _extract(self, line: Json, at_s: float) -> None:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            [names] = directive["Dimensions"]
            dimensions = {name: line[name] for name in names}
            for metric in directive["Metrics"]:
                values = line[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    self.put(directive["Namespace"], metric["Name"], value, at_s=at_s, **dimensions)

    def _count(self, line: Json, metric_filter: Json, at_s: float) -> None:
        if not _matches(metric_filter["FilterPattern"], line):
            return
        [counted] = metric_filter["MetricTransformations"]
        dimensions = {d["Key"]: line[d["Value"].removeprefix("$.")] for d in counted["Dimensions"]}
        self.put(
            counted["MetricNamespace"],
            counted["MetricName"],
            float(counted["MetricValue"]),
            at_s=at_s,
            **dimensions,
        )

    def rings(self, alarm: Json, *, at_s: float) -> bool:
        """Whether enough of the last whole periods are above the threshold.

        CloudWatch looks back further where data is missing, which matters to no alarm that takes
        missing data for good.
        """
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"
        period_s = _period_s(alarm)
        last = math.floor(at_s / period_s)
        values = [
            self._datapoint(alarm, period * period_s, period_s)
            for period in range(last - alarm["EvaluationPeriods"], last)
        ]
        above = [value for value in values if value is not None and value > alarm["Threshold"]]
        return len(above) >= alarm["DatapointsToAlarm"]

    def _datapoint(self, alarm: Json, start_s: float, period_s: float) -> Value:
        if "Metrics" not in alarm:
            stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
            return self._statistic(alarm, stat, start_s, period_s)
        values = {
            query["Id"]: self._statistic(
                query["MetricStat"]["Metric"], query["MetricStat"]["Stat"], start_s, period_s
            )
            for query in alarm["Metrics"]
            if "MetricStat" in query
        }
        [expression] = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
        return _evaluated(ast.parse(expression, mode="eval").body, values)

    def _statistic(self, metric: Json, statistic: str, start_s: float, period_s: float) -> Value:
        dimensions = frozenset((d["Name"], d["Value"]) for d in metric["Dimensions"])
        series = Series(metric["Namespace"], metric["MetricName"], dimensions)
        samples = self._samples.get(series, [])
        values = [s.value for s in samples if start_s <= s.at_s < start_s + period_s]
        return _reduced(statistic, sorted(values)) if values else None


def _reduced(statistic: str, values: list[float]) -> float:
    match statistic:
        case "Sum":
            return sum(values)
        case "Maximum":
            return values[-1]
        case "SampleCount":
            return len(values)
    share = float(statistic.removeprefix("p")) / 100
    return values[math.ceil(share * len(values)) - 1]


def _period_s(alarm: Json) -> float:
    metrics: Iterable[Json] = alarm.get("Metrics", [])
    periods = {query["MetricStat"]["Period"] for query in metrics if "MetricStat" in query}
    [period_s] = periods or {alarm["Period"]}
    return float(period_s)


def _evaluated(node: ast.expr, values: Mapping[str, Value]) -> Value:
    """None, as no data, where an operand has none or a divisor is zero."""
    match node:
        case ast.Constant(value=float() | int() as value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, instead]):
            value = _evaluated(metric, values)
            return _evaluated(instead, values) if value is None else value
        case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
            operands = _evaluated(left, values), _evaluated(right, values)
            return _combined(OPERATORS[type(op)], *operands)
    raise AssertionError(f"{ast.unparse(node)}: expected metric math as the alarms use it")


def _combined(combine: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None or (combine is operator.truediv and right == 0):
        return None
    return float(combine(left, right))


def _matches(pattern: str, line: Json) -> bool:
    """A field that a line lacks matches nothing."""
    conditions = [CONDITION.fullmatch(text) for text in pattern.strip("{} ").split(" && ")]
    assert all(conditions), f"{pattern}: expected a pattern as the metric filters use it"
    return all(_holds(condition, line) for condition in conditions if condition)


def _holds(condition: re.Match[str], line: Json) -> bool:
    name, comparison, text, number = condition.groups()
    if name not in line:
        return False
    return COMPARISONS[comparison](line[name], text if number is None else int(number))
