"""Score: files that land in the inbox become scored files in the results bucket."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
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

from delivery.deadline import Deadline
from delivery.delivery import Delivery
from delivery.job_scorer import JobScorer
from delivery.notification import Work, work_of
from delivery.span_scorer import Workers
from functions.score.event_bus import EventBus
from functions.score.fault_notes import FaultNotes
from functions.score.journal import Journal
from functions.score.s3_inbox import S3Inbox
from functions.score.s3_parts import S3Parts
from functions.score.s3_results import S3Results
from functions.score.settings import Settings
from functions.score.task_queue import TaskQueue
from serving.model import Model

settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
logger = Logger(service="score")
logger.append_keys(model=model.name, model_version=model.version, digest=model.digest)
metrics = Metrics(namespace=settings.metrics_namespace, service="score")
metrics.set_default_dimensions(model=model.name)
journal = Journal(logger, metrics)
# The standard mode repeats no call once its quota of 500 is used up, which a burst of files that S3
# throttles soon does; the legacy mode has no quota, but does not know how SQS throttles.
s3 = boto3.client("s3", config=Config(retries={"mode": "legacy", "total_max_attempts": 5}))
retrying = Config(retries={"mode": "standard", "total_max_attempts": 5})
queue = TaskQueue(boto3.client("sqs", config=retrying), settings.queue_arn)
event_bus = EventBus(
    boto3.client("events", config=retrying), results_bucket=settings.results_bucket
)
fault_notes = FaultNotes(s3, settings.results_bucket, model=model.name)
# A run on one thread and another beside it beat one on two.
threads = max((os.cpu_count() or 1) // model.card.threads, 1)
results = S3Results(s3, settings.results_bucket)
parts = S3Parts(s3, settings.results_bucket)
delivery = Delivery(
    model,
    inbox=S3Inbox(s3, settings.inbox_bucket),
    results=results,
    parts=parts,
    scorer=JobScorer(
        model,
        results=results,
        parts=parts,
        tasks=queue,
        workers=Workers(
            ThreadPoolExecutor(threads),
            threads,
            split_bytes=settings.split_bytes,
            part_bytes=settings.part_bytes,
        ),
    ),
)
# All of a batch failing is traffic, not a crash: the ids go back either way.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def score(record: SQSRecord, lambda_context: LambdaContext) -> None:
    deadline = Deadline(lambda: lambda_context.get_remaining_time_in_millis() / 1000)
    try:
        works = work_of(record.body)
        if len(works) > 1:
            # A message each, so that no file answers for its neighbours.
            queue.send(works)
            return
        for work in works:
            settle(work, deadline)
    except Exception as error:
        faulted(error, record)
        raise


def settle(work: Work, deadline: Deadline) -> None:
    started = time.monotonic()
    settlement = delivery.settle(work, deadline)
    if settlement.manifest is not None:
        event_bus.completed(settlement.manifest)
    journal.settled(settlement, duration_s=time.monotonic() - started)


def faulted(error: Exception, record: SQSRecord) -> None:
    """Say so, and have the message come again soon. None of this may hide the error itself."""
    received = int(record.attributes.approximate_receive_count)
    journal.faulted(error, message_id=record.message_id)
    with journal.trying(message_id=record.message_id):
        fault_notes.leave(error, message_id=record.message_id, received=received)
    with journal.trying(message_id=record.message_id):
        queue.retry_soon(record.receipt_handle, received=received)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return dict(process_partial_response(event, score, processor, context))
