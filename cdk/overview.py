"""All models of a stage at a glance, however many there are."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Dashboard, GraphWidget, IWidget, MathExpression, Metric
from constructs import Construct

from cdk.settings import StageSettings

PERIOD = Duration.minutes(5)
WIDTH, HEIGHT = 8, 6


class Overview(Dashboard):
    """Models and queues are found by CloudWatch's search: none has to be told to this stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        api_id: str,
        data_stack: str,
    ) -> None:
        """`data_stack` is what the names of the stage's queues begin with."""
        predict, score = (
            f'{{{stage.metrics_namespace},model,service}} service="{service}"'
            for service in ("predict", "score")
        )
        queues = f"{{AWS/SQS,QueueName}} {data_stack.replace('-', ' ')}"
        waiting = "ApproximateNumberOfMessagesVisible"
        super().__init__(
            scope,
            construct_id,
            widgets=[
                [
                    _of_api("All requests", api_id, "Sum", "Count", "4xx", "5xx"),
                    _of_api("Latency of all, ms (p99)", api_id, "p99", "Latency"),
                ],
                [
                    _of_each("Requests", predict, "Requests", "Sum"),
                    _of_each("Server errors", predict, "ServerErrors", "Sum"),
                    _of_each("Latency, ms (p99)", predict, "Latency", "p99"),
                ],
                [
                    _of_each("Files scored", score, "FilesSucceeded", "Sum"),
                    _of_each("Files failed", score, "FilesFailed", "Sum"),
                    _of_each("Bad rows", score, "BadRows", "Sum"),
                ],
                [
                    _of_each("Files that wait", queues, waiting, "Maximum"),
                    _of_each("Oldest file, s", queues, "ApproximateAgeOfOldestMessage", "Maximum"),
                    _of_each("Dead letters", f"{queues} dead letters", waiting, "Maximum"),
                ],
            ],
        )


def _of_api(title: str, api_id: str, statistic: str, *names: str) -> IWidget:
    metrics = [
        Metric(
            namespace="AWS/ApiGateway",
            metric_name=name,
            dimensions_map={"ApiId": api_id},
            statistic=statistic,
            period=PERIOD,
        )
        for name in names
    ]
    return GraphWidget(title=title, left=metrics, width=WIDTH, height=HEIGHT)


def _of_each(title: str, among: str, name: str, statistic: str) -> IWidget:
    found = MathExpression(
        expression=f"SEARCH('{among} MetricName=\"{name}\"', '{statistic}')",
        label="",
        using_metrics={},
        period=PERIOD,
    )
    return GraphWidget(title=title, left=[found], width=WIDTH, height=HEIGHT)
