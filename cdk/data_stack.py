"""What outlives every rollout: the two buckets, and each model's queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_s3 import Bucket, CfnBucket
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from cdk.private_bucket import PrivateBucket
from cdk.results_bucket import ResultsBucket
from cdk.scoring_queue import ScoringQueue
from cdk.settings import StageSettings


class DataStack(Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: StageSettings, models: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id, termination_protection=True)
        self.inbox = PrivateBucket(self, "Inbox")
        self.results = ResultsBucket(self, "Results")
        scoring_queues = {
            model: ScoringQueue(self, model, function_timeout_s=stage.score_timeout_s)
            for model in models
        }
        for scoring_queue in scoring_queues.values():
            # CloudFormation names a bucket after its stack and its logical id.
            scoring_queue.admit(self.inbox, name_pattern=f"{construct_id}-inbox*")
        self.queues: dict[str, IQueue] = {
            model: scoring_queue.queue for model, scoring_queue in scoring_queues.items()
        }
        _announce_files(self.inbox, self.queues)
        CfnOutput(self, "InboxBucket", value=self.inbox.bucket_name)
        CfnOutput(self, "ResultsBucket", value=self.results.bucket_name)


def _announce_files(inbox: Bucket, queues: Mapping[str, IQueue]) -> None:
    """Every new object under `<model>/` becomes a message in that model's queue."""
    # The L2 method would deploy a custom resource with a function and a managed policy of its own.
    cfn_bucket = cast(CfnBucket, inbox.node.default_child)
    cfn_bucket.notification_configuration = CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[_announcement(model, queue) for model, queue in queues.items()]
    )


def _announcement(model: str, queue: IQueue) -> CfnBucket.QueueConfigurationProperty:
    prefix = CfnBucket.FilterRuleProperty(name="prefix", value=f"{model}/")
    return CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=CfnBucket.NotificationFilterProperty(
            s3_key=CfnBucket.S3KeyFilterProperty(rules=[prefix])
        ),
    )
