"""What any role of the product may at most, whatever a template says."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from cdk.app import PRODUCT
from cdk.settings import StageSettings


class RoleBoundary(ManagedPolicy):
    """A deployment makes roles; without a boundary, it could make an administrator.

    It grants nothing: each role still has its own policy, and may what both allow.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, stages: Sequence[StageSettings]
    ) -> None:
        adopted = [stage.inbox_bucket for stage in stages if stage.inbox_bucket is not None]
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=name,
            description=f"What roles of {PRODUCT} may at most",
            statements=_statements(Stack.of(scope), [f"{PRODUCT}-*", *adopted]),
        )


def _statements(stack: Stack, buckets: Sequence[str]) -> list[PolicyStatement]:
    def arn(service: str, resource: str) -> str:
        return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"

    bucket_arns = [f"arn:{stack.partition}:s3:::{bucket}" for bucket in buckets]
    allowed = {
        "logs:CreateLogStream logs:PutLogEvents": [arn("logs", f"log-group:{PRODUCT}-*")],
        "s3:GetObject s3:GetObjectVersion s3:PutObject s3:AbortMultipartUpload "
        "s3:DeleteObjectVersion": [f"{bucket}/*" for bucket in bucket_arns],
        "s3:ListBucket s3:ListBucketVersions": bucket_arns,
        "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes "
        "sqs:SendMessage": [arn("sqs", f"{PRODUCT}-*")],
        "events:PutEvents": [arn("events", "event-bus/default")],
        "lambda:InvokeFunction lambda:GetAlias lambda:UpdateAlias "
        "lambda:GetProvisionedConcurrencyConfig": [arn("lambda", f"function:{PRODUCT}-*")],
        "cloudwatch:DescribeAlarms": [arn("cloudwatch", f"alarm:{PRODUCT}-*")],
        "codedeploy:PutLifecycleEventHookExecutionStatus": [
            arn("codedeploy", f"deploymentgroup:{PRODUCT}-*")
        ],
    }
    in_account = {"StringEquals": {"aws:ResourceAccount": stack.account}}
    return [
        PolicyStatement(
            actions=actions.split(),
            resources=resources,
            # An ARN of S3 names no account, and anybody may have a bucket whose name begins so.
            conditions=in_account if actions.startswith("s3:") else {},
        )
        for actions, resources in allowed.items()
    ]
