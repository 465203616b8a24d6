"""What a million rows cost at Lambda's prices in us-east-1: a model, of what was measured here."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
MEMORY_MIB = 2048
MEMORY_MIB_PER_VCPU = 1769
USD_PER_GB_S = 0.0000166667
USD_PER_READ = 0.0004 / 1000
USD_PER_WRITE = 0.005 / 1000
# A message is received, deleted, and has been sent.
USD_PER_MESSAGE = 3 * 0.40 / 1e6
# What a function's network was seen to carry, both ways together.
NETWORK_BYTES_PER_S = 71e6
# As the function asks S3 now: at most so many reads; writes for every piece of output, for every
# part, and for what goes with a job.
READS = 26
OUTPUT_BYTES_PER_WRITE = 8 * MIB
INPUT_BYTES_PER_PART = 64 * MIB
WRITES_PER_PART = 4
WRITES_PER_JOB = 7


@dataclass(frozen=True, slots=True)
class Job:
    rows: int
    cpu_s: float
    input_bytes: int
    output_bytes: int


def usd_per_million_rows(job: Job) -> float:
    compute = _duration_s(job) * MEMORY_MIB / 1024 * USD_PER_GB_S
    requests = READS * USD_PER_READ + _writes(job) * USD_PER_WRITE + USD_PER_MESSAGE
    return (compute + requests) * 1e6 / job.rows


def _duration_s(job: Job) -> float:
    """All of its processor, or all of its network, whichever takes longer."""
    transfer_s = (job.input_bytes + job.output_bytes) / NETWORK_BYTES_PER_S
    return max(job.cpu_s * MEMORY_MIB_PER_VCPU / MEMORY_MIB, transfer_s)


def _writes(job: Job) -> int:
    pieces = -(-job.output_bytes // OUTPUT_BYTES_PER_WRITE)
    parts = -(-job.input_bytes // INPUT_BYTES_PER_PART)
    return pieces + WRITES_PER_PART * parts + WRITES_PER_JOB
