"""The score function measured: its start, and files of more and more rows."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cdk.deployed_model import DeployedModel
from delivery.manifest import SUFFIX, Manifest
from doctor.errors import AnswerError
from doctor.run_rows import run_rows
from doctor.sample import Sample
from doctor.series import Bounds, Run, Series, escalate
from doctor.starts import Effort, started, typical
from doctor.watched_environment import Start, WatchedEnvironment
from doctor.work import Work
from formats.block import most_rows
from formats.text_blocks import BLOCK_BYTES, BLOCK_RECORDS
from local.data_plane import DataPlane
from local.environment import Configuration
from local.sqs_event import sqs_event
from serving.features import Columns

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

QUEUE_WAIT_S = 10
# As HTTP would say it.
FAULT, REFUSAL = 500, 422


class Batch(NamedTuple):
    """A part has `part_rows`, and a block of it, which is never handed on half done, `block_rows`,
    of which `run_rows` run at once; `workers` blocks are scored side by side. Of texts and pictures
    a block never has more than `prepared_rows`."""

    start: Start
    files: Series
    part_rows: int
    block_rows: int
    prepared_rows: int
    run_rows: int
    workers: int
    temporary_bytes: int

    @property
    def part(self) -> Run:
        run, measured = self.files.at(self.part_rows), self.files.last
        at_once = min(self.part_rows, max(self.run_rows * self.workers, measured.rows))
        run = run._replace(peak_mib=self.files.at(at_once).peak_mib)
        if measured.rows > self.block_rows:
            return run
        # A file of one block does not show how several are scored side by side.
        side_by_side = min(self.workers, math.ceil(self.part_rows / self.block_rows))
        return run._replace(work=Work(run.work.cpu_s, run.work.cpu_s / side_by_side))

    @property
    def block(self) -> Work:
        """On the one thread that scores it, as far as the graph does not use more."""
        cpu_s = self.files.at(self.block_rows).work.cpu_s
        return Work(cpu_s, cpu_s)


def measure_batch(
    model: DeployedModel,
    configuration: Configuration,
    sample: Sample,
    data_plane: DataPlane,
    effort: Effort,
) -> Batch:
    """`configuration` is the local cloud's, and its buckets and its queue are there. Raises
    InvocationError or AnswerError where it does not start, or cannot score one row."""
    starts = started(configuration, effort.starts - 1)
    part_rows = max(int(int(configuration.variables["PART_BYTES"]) / sample.row_bytes), 1)
    with WatchedEnvironment(configuration) as environment:
        starts.append(environment.start)
        uploader = _Uploader(model.name, configuration, environment, sample, data_plane)
        at_rest = Run(0, Work(0, 0), environment.resident_mib)
        bounds = Bounds(part_rows, effort.run_cpu_s, configuration.memory_mib)
        files = escalate(uploader.score, at_rest, bounds)
        temporary_bytes = environment.temporary_bytes
    prepared_rows = most_rows(Columns(model.columns))
    block_rows = min(BLOCK_RECORDS, prepared_rows, max(int(BLOCK_BYTES / sample.row_bytes), 1))
    return Batch(
        start=typical(starts),
        files=files,
        part_rows=part_rows,
        block_rows=block_rows,
        prepared_rows=prepared_rows,
        run_rows=run_rows(model, block_rows),
        # As the function does it.
        workers=max((os.cpu_count() or 1) // model.card.threads, 1),
        temporary_bytes=temporary_bytes,
    )


class _Uploader:
    """Puts files into the inbox, and hands the messages that tell of them to the function."""

    def __init__(
        self,
        model: str,
        configuration: Configuration,
        environment: WatchedEnvironment,
        sample: Sample,
        data_plane: DataPlane,
    ) -> None:
        variables = configuration.variables
        self._model = model
        self._environment = environment
        self._sample = sample
        self._s3, self._sqs = data_plane.s3(), data_plane.sqs()
        self._inbox, self._results = variables["INBOX_BUCKET"], variables["RESULTS_BUCKET"]
        self._queue_arn = variables["QUEUE_ARN"]
        name = self._queue_arn.rpartition(":")[2]
        self._queue_url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def score(self, rows: int) -> Run:
        """Raises AnswerError where there is no result."""
        key, content = f"{self._model}/doctor-{rows}.csv", self._sample.csv(rows)
        self._s3.put_object(Bucket=self._inbox, Key=key, Body=content)
        event = json.dumps(sqs_event(self._announced(), queue_arn=self._queue_arn)).encode()
        answer, work, peak_mib = self._environment.measured(event)
        output_bytes = self._require_result(key, answer)
        return Run(rows, work, peak_mib, len(content), output_bytes)

    def _announced(self) -> Sequence[MessageTypeDef]:
        messages = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            WaitTimeSeconds=QUEUE_WAIT_S,
            MessageSystemAttributeNames=["All"],
        )["Messages"]
        for message in messages:
            handle = message["ReceiptHandle"]
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=handle)
        return messages

    def _require_result(self, key: str, answer: bytes) -> int:
        """Its size in bytes."""
        if json.loads(answer)["batchItemFailures"]:
            raise AnswerError(f"{key}: expected it scored, got a fault", status=FAULT)
        try:
            stored = self._s3.get_object(Bucket=self._results, Key=f"{key}{SUFFIX}")
        except self._s3.exceptions.NoSuchKey as error:
            sentence = f"{key}: expected it scored in one run of the function, got a part of it"
            raise AnswerError(sentence, status=FAULT) from error
        manifest = Manifest.from_json(stored["Body"].read())
        if manifest.output is None:
            raise AnswerError(f"{key}: {manifest.reason}", status=REFUSAL)
        return manifest.output.size
