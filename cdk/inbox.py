"""The bucket that files land in: the stage's own, or one that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from aws_cdk import Stack
from aws_cdk.aws_s3 import Bucket, CfnBucket, IBucket
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from cdk.private_bucket import PrivateBucket
from cdk.scoring_queue import ScoringQueue

CONSTRUCT_ID = "Inbox"


def own_inbox(
    scope: Construct, *, access_logs: IBucket, queues: Mapping[str, ScoringQueue]
) -> IBucket:
    """Every new object under `<model>/` becomes a message in that model's queue."""
    inbox = PrivateBucket(scope, CONSTRUCT_ID, access_logs=access_logs)
    # CloudFormation names a bucket after its stack and its logical id.
    name_pattern = f"{Stack.of(scope).stack_name}-{CONSTRUCT_ID.lower()}*"
    for queue in queues.values():
        queue.admit(name_pattern)
        # S3 asks the queue's policy when the bucket is made.
        inbox.node.add_dependency(queue.queue)
    # The L2 method would deploy a custom resource with a function and a managed policy of its own.
    cfn_bucket = cast(CfnBucket, inbox.node.default_child)
    cfn_bucket.notification_configuration = CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[_announcement(model, queue.queue) for model, queue in queues.items()]
    )
    return inbox


def adopted_inbox(
    scope: Construct, *, bucket_name: str, queues: Mapping[str, ScoringQueue]
) -> IBucket:
    """Whoever owns the bucket has it announce its files; the queues let it."""
    for queue in queues.values():
        queue.admit(bucket_name)
    return Bucket.from_bucket_name(scope, CONSTRUCT_ID, bucket_name)


def _announcement(model: str, queue: IQueue) -> CfnBucket.QueueConfigurationProperty:
    prefix = CfnBucket.FilterRuleProperty(name="prefix", value=f"{model}/")
    return CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=CfnBucket.NotificationFilterProperty(
            s3_key=CfnBucket.S3KeyFilterProperty(rules=[prefix])
        ),
    )
