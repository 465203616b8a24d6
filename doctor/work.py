"""Work: CPU time as it was measured here, and how long Lambda takes for it."""

from __future__ import annotations

from typing import NamedTuple

from doctor.quotas import MEMORY_MIB_PER_VCPU


class Work(NamedTuple):
    """Seconds of CPU time: of all threads, and of the one that worked longest."""

    cpu_s: float
    longest_s: float

    def times(self, factor: float) -> Work:
        return Work(self.cpu_s * factor, self.longest_s * factor)


class Pace(NamedTuple):
    """`cpu_factor`: the CPU seconds that a vCPU of Lambda needs for one of this machine's. What it
    is nobody knows before a deployment; 1 says that they are alike."""

    cpu_factor: float = 1.0

    def duration_s(self, work: Work, memory_mib: float) -> float:
        """Lambda gives CPU time in proportion to memory, and no thread uses more than a vCPU."""
        vcpus = memory_mib / MEMORY_MIB_PER_VCPU
        return self.cpu_factor * max(work.cpu_s / vcpus, work.longest_s / min(vcpus, 1.0))
