"""What a million rows cost at Lambda's prices in us-east-1: a model, of what was measured here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from doctor.prices import Prices
from doctor.quotas import MEMORY_MIB_PER_VCPU
from doctor.s3_requests import NETWORK_BYTES_PER_S, S3Requests

MIB = 1024 * 1024
MEMORY_MIB = 2048
INPUT_BYTES_PER_PART = 64 * MIB
# A message is received, deleted, and has been sent.
REQUESTS_PER_MESSAGE = 3


@dataclass(frozen=True, slots=True)
class Job:
    rows: int
    cpu_s: float
    input_bytes: int
    output_bytes: int


def usd_per_million_rows(job: Job) -> float:
    prices = Prices()
    parts = math.ceil(job.input_bytes / INPUT_BYTES_PER_PART)
    s3 = S3Requests.of_file(parts=parts, output_bytes=job.output_bytes)
    compute = _duration_s(job) * MEMORY_MIB / 1024 * prices.lambda_gb_s
    storage = s3.reads * prices.s3_read + s3.writes * prices.s3_write
    message = REQUESTS_PER_MESSAGE * prices.sqs_request
    return (compute + storage + message) * 1e6 / job.rows


def _duration_s(job: Job) -> float:
    """All of its processor, or all of its network, whichever takes longer."""
    transfer_s = (job.input_bytes + job.output_bytes) / NETWORK_BYTES_PER_S
    return max(job.cpu_s * MEMORY_MIB_PER_VCPU / MEMORY_MIB, transfer_s)
