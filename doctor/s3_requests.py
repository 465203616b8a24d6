"""What the score function asks of S3 for a file: a model, of what it was seen to ask."""

from __future__ import annotations

import math
from typing import NamedTuple, Self

MIB = 1024 * 1024
# At most so many reads; writes for every piece of output, for every part, and for what goes with a
# job.
READS = 26
OUTPUT_BYTES_PER_WRITE = 8 * MIB
WRITES_PER_PART = 4
WRITES_PER_JOB = 7
# What a function's network was seen to carry, both ways together.
NETWORK_BYTES_PER_S = 71e6


class S3Requests(NamedTuple):
    reads: int
    writes: int

    @classmethod
    def of_file(cls, *, parts: int, output_bytes: float) -> Self:
        pieces = math.ceil(output_bytes / OUTPUT_BYTES_PER_WRITE)
        return cls(READS, pieces + WRITES_PER_PART * parts + WRITES_PER_JOB)
