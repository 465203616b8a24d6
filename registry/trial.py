"""A trial: what was found of one candidate, and whether it is a gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from registry.candidate import AS_IS, Candidate
from registry.contest import Times
from registry.difference import Difference
from registry.progress import MEBIBYTE
from registry.ratio import Ratio

HEADS = ("candidate", "differs by", "run CPU", "load CPU", "load ms", "MiB", "verdict")
# A new version for less is not worth its digest.
WORTHWHILE = 0.95
# Of a graph that loads within some milliseconds, 5% are noise.
WORTHWHILE_S = 0.001


class Speed(NamedTuple):
    """CPU time over that of the version as it is: warm runs, and loads in fresh processes."""

    warm: Ratio
    cold: Ratio
    cold_s: float
    saved_s: float

    @property
    def verdict(self) -> str:
        if self.warm.is_more:
            return "slower"
        is_faster = self.cold.high < 1 and self.cold.median <= WORTHWHILE
        if is_faster and self.saved_s >= WORTHWHILE_S:
            return "a gain"
        return "loads no faster"


class Trial(NamedTuple):
    """`refusal` says why the candidate is not right; only right ones are timed."""

    candidate: Candidate
    difference: Difference | None = None
    refusal: str = ""
    speed: Speed | None = None

    @property
    def is_gain(self) -> bool:
        return self.speed is not None and self.speed.verdict == "a gain"

    @property
    def verdict(self) -> str:
        if self.refusal or self.speed is None:
            return self.refusal
        return "" if self.candidate.name == AS_IS else self.speed.verdict

    def timed(self, warm: Times, cold: Times) -> Trial:
        """With its speed, where it was measured."""
        name = self.candidate.name
        if name not in cold:
            return self
        warmth, coldness = (Ratio.of(times[name], times[AS_IS]) for times in (warm, cold))
        cold_s = median(cold[name])
        saved_s = median(cold[AS_IS]) - cold_s
        return self._replace(speed=Speed(warmth, coldness, cold_s, saved_s))


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The gain that loads fastest; None where there is none."""
    gains = {trial.speed.cold.median: trial for trial in trials if trial.speed and trial.is_gain}
    return gains[min(gains)] if gains else None


def as_row(trial: Trial) -> tuple[str, ...]:
    """A line of the table that HEADS begins."""
    mebibytes = f"{trial.candidate.size_bytes / MEBIBYTE:.1f}" if trial.difference else ""
    speed = trial.speed
    timed = ("", "", "")
    if speed is not None:
        timed = (str(speed.warm), str(speed.cold), f"{speed.cold_s * 1000:.0f}")
    return (trial.candidate.name, str(trial.difference or ""), *timed, mebibytes, trial.verdict)


def as_document(trial: Trial) -> Mapping[str, object]:
    """A member of optimization.json."""
    document: dict[str, object] = {"name": trial.candidate.name, "verdict": trial.verdict}
    if trial.difference is not None:
        document["difference"] = trial.difference._asdict()
        document["size_bytes"] = trial.candidate.size_bytes
    if trial.speed is not None:
        document["run_cpu_ratio"] = trial.speed.warm._asdict()
        document["load_cpu_ratio"] = trial.speed.cold._asdict()
        document["load_cpu_s"] = trial.speed.cold_s
    return document
