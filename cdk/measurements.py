"""What is measured of a model: by the platform, by its functions, and by counting their lines."""

from __future__ import annotations

from typing import Literal

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import Metric
from aws_cdk.aws_lambda import IFunction, IVersion
from aws_cdk.aws_logs import FilterPattern, MetricFilter

from cdk.deployed_model import DeployedModel
from cdk.image_function import LIVE, ImageFunction
from cdk.settings import StageSettings

Service = Literal["predict", "score"]

UNEXPECTED_DIGESTS = "UnexpectedDigests"
SERVER_ERRORS_BY_VERSION = "ServerErrorsByVersion"
# The message of the line that each of them writes for what it has done.
DONE: dict[Service, str] = {"predict": "request", "score": "file"}


class Measurements:
    """Metrics of one model."""

    def __init__(self, stage: StageSettings, model: DeployedModel) -> None:
        self._namespace = stage.metrics_namespace
        self._model = model

    def own(self, service: Service, name: str, statistic: str, period: Duration) -> Metric:
        """What the function itself writes into its log."""
        return Metric(
            namespace=self._namespace,
            metric_name=name,
            dimensions_map={"model": self._model.name, "service": service},
            statistic=statistic,
            period=period,
        )

    def server_errors_of(self, version: IVersion, period: Duration) -> Metric:
        """Answers above 499 by this version, whatever else serves beside it."""
        return Metric(
            namespace=self._namespace,
            metric_name=SERVER_ERRORS_BY_VERSION,
            dimensions_map={"model": self._model.name, "version": version.version},
            statistic="Sum",
            period=period,
        )

    def count_server_errors_by_version(self, predict: ImageFunction) -> None:
        MetricFilter(
            predict,
            SERVER_ERRORS_BY_VERSION,
            log_group=predict.log_group,
            filter_pattern=FilterPattern.literal(
                '{ $.message = "request" && $.http_status >= 500 }'
            ),
            metric_namespace=self._namespace,
            metric_name=SERVER_ERRORS_BY_VERSION,
            dimensions={"model": "$.model", "version": "$.function_version"},
        )

    def count_unexpected_digests(self, service: Service, function: ImageFunction) -> MetricFilter:
        return MetricFilter(
            function,
            UNEXPECTED_DIGESTS,
            log_group=function.log_group,
            filter_pattern=FilterPattern.literal(
                f'{{ $.message = "{DONE[service]}" && $.digest != "{self._model.digest}" }}'
            ),
            metric_namespace=self._namespace,
            metric_name=UNEXPECTED_DIGESTS,
            dimensions={"model": "$.model", "service": "$.service"},
        )


def of_live(
    function: IFunction,
    name: str,
    statistic: str,
    period: Duration,
    *,
    version: IVersion | None = None,
) -> Metric:
    """Lambda's own, of what the alias `live` was called for; of one version behind it, or all."""
    resource = f"{function.function_name}:{LIVE}"
    executed = {} if version is None else {"ExecutedVersion": version.version}
    return Metric(
        namespace="AWS/Lambda",
        metric_name=name,
        dimensions_map={"FunctionName": function.function_name, "Resource": resource, **executed},
        statistic=statistic,
        period=period,
    )


def of_queue(queue_name: str, name: str, period: Duration) -> Metric:
    return Metric(
        namespace="AWS/SQS",
        metric_name=name,
        dimensions_map={"QueueName": queue_name},
        statistic="Maximum",
        period=period,
    )
