"""One model's queue: where S3 announces its files, and where what keeps failing ends."""

from __future__ import annotations

from aws_cdk import Aws, CfnOutput, Duration
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
from aws_cdk.aws_s3 import Bucket
from aws_cdk.aws_sqs import DeadLetterQueue, Queue, QueueEncryption
from constructs import Construct

# Deliveries that Lambda throttles count too.
MAX_RECEIVE_COUNT = 5
# All that SQS allows; it counts from when the message was first sent, not from when it died.
DEAD_LETTERS_KEPT = Duration.days(14)
# What AWS advises as a multiple of the function's timeout, so that no retry meets a live attempt.
VISIBILITY_FACTOR = 6


class ScoringQueue(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, function_timeout_s: int) -> None:
        super().__init__(scope, construct_id)
        dead_letters = Queue(
            self,
            "DeadLetters",
            retention_period=DEAD_LETTERS_KEPT,
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.queue = Queue(
            self,
            "Queue",
            visibility_timeout=Duration.seconds(VISIBILITY_FACTOR * function_timeout_s),
            dead_letter_queue=DeadLetterQueue(
                queue=dead_letters, max_receive_count=MAX_RECEIVE_COUNT
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        CfnOutput(self, "QueueUrl", value=self.queue.queue_url)
        CfnOutput(self, "DeadLettersUrl", value=dead_letters.queue_url)

    def admit(self, bucket: Bucket, *, name_pattern: str) -> None:
        """Let the bucket send to the queue, and be made after the queue's policy says so.

        The policy knows the bucket by a pattern of its name: its ARN would close a cycle.
        """
        self.queue.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": f"arn:{Aws.PARTITION}:s3:::{name_pattern}"},
                },
            )
        )
        bucket.node.add_dependency(self.queue)
