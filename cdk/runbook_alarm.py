"""An alarm that says where to read what to do about it."""

from __future__ import annotations

import re

from aws_cdk.aws_cloudwatch import Alarm, ComparisonOperator, IMetric, TreatMissingData
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_sns import ITopic
from constructs import Construct

RUNBOOK = "docs/runbook.md"


class RunbookAlarm(Alarm):
    """Rings when `datapoints` of the last `periods` periods are above the threshold.

    A period without data is a good one: where nothing was asked, nothing failed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic: ITopic,
        says: str,
        metric: IMetric,
        above: float,
        datapoints: int = 1,
        periods: int = 1,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            alarm_description=f"{says} {RUNBOOK}#{section(construct_id)}",
            metric=metric,
            threshold=above,
            comparison_operator=ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=datapoints,
            evaluation_periods=periods,
            treat_missing_data=TreatMissingData.NOT_BREACHING,
        )
        self.add_alarm_action(SnsAction(topic))


def section(alarm: str) -> str:
    """The anchor of an alarm's section: PredictErrors is told under "Predict errors"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", alarm).lower()
