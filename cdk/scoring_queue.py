"""One model's queue: where S3 announces its files, and where what keeps failing ends."""

from __future__ import annotations

from aws_cdk import Aws, CfnOutput, Duration, Fn, Stack
from aws_cdk.aws_iam import PolicyStatement, ServicePrincipal
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
        self.visibility_timeout_s = VISIBILITY_FACTOR * function_timeout_s
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
            visibility_timeout=Duration.seconds(self.visibility_timeout_s),
            dead_letter_queue=DeadLetterQueue(
                queue=dead_letters, max_receive_count=MAX_RECEIVE_COUNT
            ),
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        CfnOutput(self, "QueueUrl", value=self.queue.queue_url)
        # Exported too, as the only one of two outputs: a stack may have 200.
        self._dead_letters_url = CfnOutput(
            self,
            "DeadLettersUrl",
            value=dead_letters.queue_url,
            export_name=f"{Stack.of(self).stack_name}-{construct_id}-dead-letters-url",
        )

    @property
    def name(self) -> str:
        """For other stacks, from what they are told anyway."""
        return Fn.select(5, Fn.split(":", self.queue.queue_arn))

    @property
    def dead_letters_name(self) -> str:
        """Likewise."""
        return Fn.select(4, Fn.split("/", self._dead_letters_url.import_value))

    def admit(self, bucket_name_pattern: str) -> None:
        """Let a bucket of this account send to the queue.

        The policy knows the bucket by a pattern of its name: its ARN would close a cycle.
        """
        self.queue.add_to_resource_policy(
            PolicyStatement(
                principals=[ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": f"arn:{Aws.PARTITION}:s3:::{bucket_name_pattern}"},
                },
            )
        )
