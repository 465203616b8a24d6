"""What a model costs: reckoned from CPU time that was measured here, at AWS's prices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from cdk.settings import StageSettings
from doctor.batch import Batch
from doctor.bill import Bill
from doctor.online import Online
from doctor.prices import Prices
from doctor.s3_requests import MIB, NETWORK_BYTES_PER_S, S3Requests
from doctor.work import Pace

MILLION = 1_000_000
GIB = 1024**3
MONTH_S = 30 * 24 * 3600
# AWS says that cold starts "typically occur in under 1% of invocations", and bills them since
# August 2025: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
COLD_SHARE = 0.01
# What an HTTP API counts as one request.
METERED_BYTES = 512 * 1024
# The function's own line (780 as measured) and API Gateway's, and Lambda's three about each
# invocation, with the 26 that CloudWatch adds to a line.
LOGGED_BYTES = 1500
# A message is sent, received and deleted.
REQUESTS_PER_MESSAGE = 3
# Lambda asks a queue five times side by side, and waits 20 s for an answer:
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
POLLS_PER_S = 5 / 20


class Standing(NamedTuple):
    """What stands in a stage: each of the models has a queue that Lambda asks all the time.
    Metrics of the functions' own cost nothing in hours without an event."""

    models: int
    alarm_metrics: int
    dashboards: int
    image_bytes: int
    custom_metrics: int = 0


@dataclass(frozen=True, slots=True)
class Costs:
    """At a stage's settings, apart from the memory that is asked about."""

    settings: StageSettings
    prices: Prices
    pace: Pace

    def predictions(self, online: Online, memory_mib: int) -> Bill:
        """Of a million requests of one row each."""
        prices, row = self.prices, online.row
        seconds = self.billed_s(online, memory_mib)
        metered = math.ceil(max(row.input_bytes, row.output_bytes) / METERED_BYTES)
        return Bill(
            {
                "Lambda": MILLION * (self._run_usd(seconds, memory_mib) + prices.lambda_request),
                "API Gateway": MILLION * metered * prices.http_api_request,
                "CloudWatch": MILLION * LOGGED_BYTES / GIB * prices.log_gb,
                "transfer": MILLION * row.output_bytes / GIB * prices.transfer_gb,
            }
        )

    def billed_s(self, online: Online, memory_mib: int) -> float:
        """A request of one row, in whole milliseconds, with its share of cold starts."""
        warm_ms = math.ceil(1000 * self.pace.duration_s(online.row.work, memory_mib))
        cold_s = self.pace.duration_s(online.start.work, memory_mib)
        return warm_ms / 1000 + COLD_SHARE * cold_s

    def rows(self, batch: Batch, memory_mib: int) -> Bill:
        """Of a file of a million rows."""
        prices, part = self.prices, batch.part
        share = MILLION / part.rows
        parts = self._parts(part.input_bytes * share)
        messages = parts + (parts > 1)
        s3 = S3Requests.of_file(parts=parts, output_bytes=part.output_bytes * share)
        return Bill(
            {
                "Lambda": share * self._run_usd(self.part_s(batch, memory_mib), memory_mib)
                + messages * prices.lambda_request,
                "S3": s3.reads * prices.s3_read + s3.writes * prices.s3_write,
                "SQS": messages * REQUESTS_PER_MESSAGE * prices.sqs_request,
                "EventBridge": prices.event,
                "CloudWatch": messages * LOGGED_BYTES / GIB * prices.log_gb,
            }
        )

    def part_s(self, batch: Batch, memory_mib: int) -> float:
        """A part, by its processor or by its network, whichever takes longer."""
        part = batch.part
        transfer_s = (part.input_bytes + part.output_bytes) / NETWORK_BYTES_PER_S
        return max(self.pace.duration_s(part.work, memory_mib), transfer_s)

    def month(self, standing: Standing) -> Bill:
        """Of what is paid for by the month, whatever happens."""
        prices, models = self.prices, standing.models
        provisioned = models * (self.settings.predict_provisioned_concurrency or 0)
        provisioned_gb_s = MONTH_S * provisioned * self.settings.predict_memory_mib / 1024
        return Bill(
            {
                "Lambda": provisioned_gb_s * prices.provisioned_gb_s(self.settings.processor),
                "SQS": MONTH_S * POLLS_PER_S * models * prices.sqs_request,
                "CloudWatch": standing.alarm_metrics * prices.alarm_metric_month
                + standing.dashboards * prices.dashboard_month
                + standing.custom_metrics * prices.custom_metric_month,
                "ECR": standing.image_bytes / GIB * prices.ecr_gb_month,
            }
        )

    def _run_usd(self, seconds: float, memory_mib: int) -> float:
        return seconds * memory_mib / 1024 * self.prices.gb_s(self.settings.processor)

    def _parts(self, input_bytes: float) -> int:
        if input_bytes <= self.settings.score_split_mib * MIB:
            return 1
        return math.ceil(input_bytes / (self.settings.score_part_mib * MIB))
