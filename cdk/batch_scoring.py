"""Batch scoring: one model's files, from its queue's messages to the results bucket."""

from __future__ import annotations

from typing import cast

from aws_cdk import Stack
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import CfnFunction, EventSourceMapping
from aws_cdk.aws_s3 import IBucket
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.image import model_image
from cdk.image_function import ImageFunction, model_environment
from cdk.results_bucket import FAULTS, PARTS
from cdk.settings import StageSettings

MIB = 1024 * 1024


class BatchScoring(ImageFunction):
    """Reads the inbox and writes the results under `<model>/`, and nowhere else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        inbox: IBucket,
        results: IBucket,
        queue: IQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            image=model_image("score", model, stage.processor),
            memory_mib=stage.score_memory_mib,
            timeout_s=stage.score_timeout_s,
            reserved_concurrency=stage.score_reserved_concurrency,
            environment={
                **model_environment(model),
                "INBOX_BUCKET": inbox.bucket_name,
                "RESULTS_BUCKET": results.bucket_name,
                # Its URL would be one more output of the data stack, which may have 200.
                "QUEUE_ARN": queue.queue_arn,
                "SPLIT_BYTES": str(stage.score_split_mib * MIB),
                "PART_BYTES": str(stage.score_part_mib * MIB),
            },
            allowed=[
                *_may_read(inbox, model.name),
                *_may_replace(results, model.name),
                _may_leave_notes(results, model.name),
                _may_consume_and_hand_on(queue),
                _may_tell_of_completion(scope),
            ],
        )
        self._let_work_be_handed_on()
        self.live = self.published()
        self._consume(queue, stage)

    def _let_work_be_handed_on(self) -> None:
        # Work that is handed on comes back through the queue, which Lambda would take for a runaway
        # after 16 rounds; tasks count their own.
        cast(CfnFunction, self.node.default_child).recursive_loop = "Allow"

    def _consume(self, queue: IQueue, stage: StageSettings) -> None:
        EventSourceMapping(
            self,
            "Messages",
            target=self.live,
            event_source_arn=queue.queue_arn,
            # One file at a time: a bad neighbour costs a file nothing.
            batch_size=1,
            max_concurrency=stage.score_maximum_concurrency,
            report_batch_item_failures=True,
        )


def _may_read(inbox: IBucket, model: str) -> list[PolicyStatement]:
    return [
        PolicyStatement(
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[inbox.arn_for_objects(f"{model}/*")],
        ),
        # The order of versions says which is newer.
        _may_list_versions(inbox, model),
        _may_learn_what_is_gone(inbox),
    ]


def _may_replace(results: IBucket, model: str) -> list[PolicyStatement]:
    return [
        PolicyStatement(
            actions=[
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                # Outputs that lost the race for the manifest are found and removed.
                "s3:DeleteObjectVersion",
            ],
            resources=[
                results.arn_for_objects(f"{model}/*"),
                results.arn_for_objects(f"{PARTS}{model}/*"),
            ],
        ),
        _may_list_versions(results, model, f"{PARTS}{model}"),
        _may_learn_what_is_gone(results),
    ]


def _may_leave_notes(results: IBucket, model: str) -> PolicyStatement:
    return PolicyStatement(
        actions=["s3:PutObject"], resources=[results.arn_for_objects(f"{FAULTS}{model}/*")]
    )


def _may_list_versions(bucket: IBucket, *folders: str) -> PolicyStatement:
    return PolicyStatement(
        actions=["s3:ListBucketVersions"],
        resources=[bucket.bucket_arn],
        conditions={"StringLike": {"s3:prefix": [f"{folder}/*" for folder in folders]}},
    )


def _may_learn_what_is_gone(bucket: IBucket) -> PolicyStatement:
    """S3 answers a missing key with 404, not 403, only to who may list. A condition on the prefix
    would not do: a GetObject carries none."""
    return PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn])


def _may_consume_and_hand_on(queue: IQueue) -> PolicyStatement:
    return PolicyStatement(
        actions=[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
            "sqs:SendMessage",
        ],
        resources=[queue.queue_arn],
    )


def _may_tell_of_completion(scope: Construct) -> PolicyStatement:
    bus = Stack.of(scope).format_arn(service="events", resource="event-bus/default")
    return PolicyStatement(actions=["events:PutEvents"], resources=[bus])
