"""One model at a glance: its callers, its files, its queue, and which alarms ring."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import (
    AlarmStatusWidget,
    Dashboard,
    GraphWidget,
    IAlarm,
    IMetric,
    IWidget,
)
from constructs import Construct

from cdk.batch_scoring import BatchScoring
from cdk.deployed_model import DeployedModel
from cdk.measurements import Measurements, of_live, of_queue
from cdk.online_prediction import OnlinePrediction
from cdk.scoring_queue import ScoringQueue

PERIOD = Duration.minutes(5)
WIDTH, FULL_WIDTH, HEIGHT = 8, 24, 6


class ModelDashboard(Dashboard):
    """Begins with the states of all alarms; `show` adds the graphs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: DeployedModel,
        alarms: Sequence[IAlarm],
    ) -> None:
        states = AlarmStatusWidget(title=model.name, alarms=[*alarms], width=FULL_WIDTH)
        super().__init__(scope, construct_id, widgets=[[states]])

    def show(
        self,
        measurements: Measurements,
        *,
        predict: OnlinePrediction,
        score: BatchScoring,
        queue: ScoringQueue,
    ) -> None:
        for row in (_online(predict, measurements), _batch(score, measurements), _queue(queue)):
            self.add_widgets(*row)


def _online(predict: OnlinePrediction, measurements: Measurements) -> list[IWidget]:
    answers = ("Requests", "ClientErrors", "ServerErrors")
    return [
        _graph("Requests", *(measurements.own("predict", name, "Sum", PERIOD) for name in answers)),
        _graph(
            "Latency of requests, ms",
            *(measurements.own("predict", "Latency", share, PERIOD) for share in ("p50", "p99")),
        ),
        _function("Predict", predict),
    ]


def _batch(score: BatchScoring, measurements: Measurements) -> list[IWidget]:
    outcomes = ("FilesSucceeded", "FilesFailed", "FilesSplit", "FilesContinued", "FilesDuplicate")
    return [
        _graph("Files", *(measurements.own("score", name, "Sum", PERIOD) for name in outcomes)),
        _graph("Rows", *(measurements.own("score", n, "Sum", PERIOD) for n in ("Rows", "BadRows"))),
        _function("Score", score),
    ]


def _queue(queue: ScoringQueue) -> list[IWidget]:
    waiting = "ApproximateNumberOfMessagesVisible"
    return [
        _graph("Files that wait", of_queue(queue.name, waiting, PERIOD)),
        _graph("Oldest file, s", of_queue(queue.name, "ApproximateAgeOfOldestMessage", PERIOD)),
        _graph("Dead letters", of_queue(queue.dead_letters_name, waiting, PERIOD)),
    ]


def _function(title: str, function: OnlinePrediction | BatchScoring) -> IWidget:
    return _graph(
        f"{title}: invocations that failed",
        *(of_live(function, name, "Sum", PERIOD) for name in ("Errors", "Throttles")),
        of_live(function, "ConcurrentExecutions", "Maximum", PERIOD),
    )


def _graph(title: str, *metrics: IMetric) -> IWidget:
    return GraphWidget(title=title, left=[*metrics], width=WIDTH, height=HEIGHT)
