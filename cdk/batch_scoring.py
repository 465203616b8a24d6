"""Batch scoring: one model's files, from its queue's messages to the results bucket."""

from __future__ import annotations

from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import EventSourceMapping
from aws_cdk.aws_s3 import IBucket
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.image import model_image
from cdk.image_function import ImageFunction, model_environment
from cdk.settings import StageSettings


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
            image=model_image("score", model),
            memory_mib=stage.score_memory_mib,
            timeout_s=stage.score_timeout_s,
            environment={
                **model_environment(model),
                "INBOX_BUCKET": inbox.bucket_name,
                "RESULTS_BUCKET": results.bucket_name,
            },
            allowed=[
                *_may_read(inbox, model.name),
                *_may_replace(results, model.name),
                _may_consume(queue),
            ],
        )
        EventSourceMapping(
            self,
            "Messages",
            target=self,
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
            resources=[results.arn_for_objects(f"{model}/*")],
        ),
        _may_list_versions(results, model),
        _may_learn_what_is_gone(results),
    ]


def _may_list_versions(bucket: IBucket, model: str) -> PolicyStatement:
    return PolicyStatement(
        actions=["s3:ListBucketVersions"],
        resources=[bucket.bucket_arn],
        conditions={"StringLike": {"s3:prefix": f"{model}/*"}},
    )


def _may_learn_what_is_gone(bucket: IBucket) -> PolicyStatement:
    """S3 answers a missing key with 404, not 403, only to who may list. A condition on the prefix
    would not do: a GetObject carries none."""
    return PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn])


def _may_consume(queue: IQueue) -> PolicyStatement:
    return PolicyStatement(
        actions=[
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        ],
        resources=[queue.queue_arn],
    )
