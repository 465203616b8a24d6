"""Score: files that land in the inbox become scored files in the results bucket."""

from __future__ import annotations

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from delivery.delivery import Delivery
from delivery.notification import sources_of
from functions.score.journal import Journal
from functions.score.s3 import S3Inbox, S3Results
from functions.score.settings import Settings
from serving.model import Model

settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
logger = Logger(service="score")
logger.append_keys(model=model.name, model_version=model.version, digest=model.digest)
metrics = Metrics(namespace=settings.metrics_namespace, service="score")
metrics.set_default_dimensions(model=model.name)
journal = Journal(logger, metrics)
client = boto3.client("s3", config=Config(retries={"mode": "standard", "total_max_attempts": 5}))
delivery = Delivery(
    model,
    inbox=S3Inbox(client, settings.inbox_bucket),
    results=S3Results(client, settings.results_bucket),
)
# All of a batch failing is traffic, not a crash: the ids go back either way.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def score(record: SQSRecord) -> None:
    try:
        for source in sources_of(record.body):
            journal.settled(*delivery.settle(source))
    except Exception as error:
        journal.faulted(error, message_id=record.message_id)
        raise


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event, score, processor, context))
