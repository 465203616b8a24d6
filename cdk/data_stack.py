"""What outlives every rollout: the buckets, each model's queues, and who is told of alarms."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from cdk.access_logs_bucket import AccessLogsBucket
from cdk.alarm_topic import AlarmTopic
from cdk.inbox import adopted_inbox, own_inbox
from cdk.results_bucket import ResultsBucket
from cdk.scoring_queue import ScoringQueue
from cdk.settings import StageSettings


class DataStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: StageSettings, models: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=True)
        access_logs = AccessLogsBucket(self, "AccessLogs")
        self.results = ResultsBucket(self, "Results", access_logs=access_logs)
        self.alarms = AlarmTopic(self, "Alarms")
        self.queues = {
            model: ScoringQueue(self, model, function_timeout_s=stage.score_timeout_s)
            for model in models
        }
        if stage.inbox_bucket is None:
            self.inbox = own_inbox(self, access_logs=access_logs, queues=self.queues)
        else:
            self.inbox = adopted_inbox(self, bucket_name=stage.inbox_bucket, queues=self.queues)
        CfnOutput(self, "InboxBucket", value=self.inbox.bucket_name)
        CfnOutput(self, "ResultsBucket", value=self.results.bucket_name)
