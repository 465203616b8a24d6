"""A dashboard for each model, and one for all, of what is really measured."""

from __future__ import annotations

import json

import pytest

from tests.infrastructure.assembly import Assembly, Json


def widgets(assembly: Assembly, path: str) -> list[Json]:
    body: Json = json.loads(assembly.resources[path].properties["DashboardBody"])
    found: list[Json] = [widget["properties"] for widget in body["widgets"]]
    return found


@pytest.mark.parametrize("model", ["churn", "housing"])
def test_a_models_dashboard_shows_its_alarms_its_doors_and_its_queue(
    assembly: Assembly, model: str
) -> None:
    alarms, *graphs = widgets(assembly, f"model-{model}/Dashboard")

    rung = [
        path
        for path in assembly.of_type("AWS::CloudWatch::Alarm")
        if path.startswith(f"model-{model}/")
    ]
    assert alarms["alarms"] == [f"{path}.Arn" for path in rung]
    assert [graph["title"] for graph in graphs] == [
        "Requests",
        "Latency of requests, ms",
        "Predict: invocations that failed",
        "Files",
        "Rows",
        "Score: invocations that failed",
        "Files that wait",
        "Oldest file, s",
        "Dead letters",
    ]


def test_the_overview_finds_every_model_of_its_stage_and_no_others(assembly: Assembly) -> None:
    graphs = widgets(assembly, "api/Overview")

    expressions = [
        metric["expression"]
        for graph in graphs
        for [metric, *_] in graph["metrics"]
        if isinstance(metric, dict)
    ]
    searched = {expression.partition(" MetricName=")[0] for expression in expressions}
    assert searched == {
        'SEARCH(\'{OnnxLambda/dev,model,service} service="predict"',
        'SEARCH(\'{OnnxLambda/dev,model,service} service="score"',
        "SEARCH('{AWS/SQS,QueueName} onnx lambda dev data",
        "SEARCH('{AWS/SQS,QueueName} onnx lambda dev data dead letters",
    }
