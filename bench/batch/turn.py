"""One turn of a contestant: some files, and what scoring them took. Imported by every contestant,
whose memory is measured: so it imports nothing itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

# Scores a source into a target, with the model in a version directory.
Score = Callable[[Path, Path, Path], None]


@dataclass(frozen=True, slots=True)
class Files:
    """Sources that are scored one after the other, each into the same target."""

    model: Path
    sources: tuple[Path, ...]
    target: Path


@dataclass(frozen=True, slots=True)
class Turn:
    """`peak_mib` is the most resident memory that the process ever had."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def timed(score: Score, files: Files) -> Turn:
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    for source in files.sources:
        score(files.model, source, files.target)
    return Turn(
        wall_s=time.perf_counter() - wall_s,
        cpu_s=time.process_time() - cpu_s,
        peak_mib=_peak_mib(Path("/proc/self/status").read_text().splitlines()),
    )


def _peak_mib(status: Iterable[str]) -> float:
    # getrusage would tell the memory of whoever started the process, too.
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
