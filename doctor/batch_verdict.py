"""What becomes of a score function in its stage, judged by what was measured of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cdk.settings import MIN_PART_MIB, StageSettings
from delivery.deadline import RESERVE_FRACTION, RESERVE_S
from delivery.task import MAX_HOPS
from doctor.batch import Batch
from doctor.finding import Finding, Grade, advised
from doctor.function_verdict import Limits, memory_finding, start_finding, temporary_finding
from doctor.headroom import TIME_SHARE, enough_time_s, fast_memory_mib
from doctor.work import Pace, Work
from formats.text_blocks import BLOCK_RECORDS

TIMEOUT_MOST_S = 900
SETTING = "score_memory_mib"
REBUILD = "rebuild the model so that a row takes less"


class BatchVerdict:
    def __init__(self, settings: StageSettings, batch: Batch, pace: Pace) -> None:
        self._memory_mib = settings.score_memory_mib
        self._timeout_s = settings.score_timeout_s
        self._part_mib = settings.score_part_mib
        self._batch = batch
        self._pace = pace

    def findings(self) -> Iterator[Finding]:
        yield self._start()
        yield self._memory()
        yield self._block()
        yield self._part()
        yield temporary_finding("score", self._batch.temporary_bytes)

    def _start(self) -> Finding:
        init_s = self._pace.duration_s(self._batch.start.work, self._memory_mib)
        block_s = self._pace.duration_s(self._batch.block, self._memory_mib)
        limits = Limits(self._memory_mib, self._timeout_s)
        return start_finding("score", init_s, block_s, limits)

    def _memory(self) -> Finding:
        start_mib, part_mib = self._batch.start.peak_mib, self._batch.part.peak_mib
        if start_mib >= part_mib:
            return memory_finding("score", start_mib, self._memory_mib, of="its start")
        of = f"a part of {self._part_mib} MiB"
        return memory_finding("score", part_mib, self._memory_mib, of=of, otherwise=(REBUILD,))

    def _block(self) -> Finding:
        """What a run of the function cannot stop within."""
        what, failure = "score block", self._batch.files.failure
        if failure is not None:
            sentence = f"of a file of {failure.rows:,} rows there is no result: {failure.sentence}"
            return Finding(Grade.BREAKS, what, sentence)
        block = self._batch.block
        block_s = self._pace.duration_s(block, self._memory_mib)
        sentence = (
            f"{self._of_a_block} takes {block_s:,.1f} s of the {self._usable_s:,.0f} that a run "
            "has for it"
        )
        if block_s > self._usable_s:
            ways = self._in_time(block)
            sentence = advised(sentence, *(ways if any(ways) else (REBUILD,)))
            return Finding(Grade.BREAKS, what, sentence)
        return Finding(Grade.FINE, what, sentence)

    @property
    def _of_a_block(self) -> str:
        rows = self._batch.block_rows
        is_cut = rows == self._batch.prepared_rows < BLOCK_RECORDS
        cut = ", as many texts and pictures as one holds," if is_cut else ""
        return f"a block of {rows:,} rows{cut}"

    def _part(self) -> Finding:
        what = "score part"
        part_s = self._pace.duration_s(self._batch.part.work, self._memory_mib)
        runs = math.ceil(part_s / self._usable_s)
        sentence = f"a part of {self._part_mib} MiB takes {part_s:,.1f} s, {runs:,} run(s) of it"
        if runs > MAX_HOPS:
            sentence += f", of which there may be {MAX_HOPS:,}"
            return Finding(Grade.BREAKS, what, self._in_runs(sentence, MAX_HOPS))
        if runs > 1:
            sentence += ", one after the other"
            return Finding(Grade.WARNS, what, self._in_runs(sentence, 1))
        return Finding(Grade.FINE, what, sentence)

    @property
    def _usable_s(self) -> float:
        return _usable_s(self._timeout_s)

    def _in_runs(self, sentence: str, runs: int) -> str:
        """With what makes a part take no more of them."""
        work = self._batch.part.work.times(1 / runs)
        ways = (self._smaller(work, self._usable_s), *self._in_time(work))
        if any(ways):
            return advised(sentence, *ways)
        smaller = self._smaller(work, _usable_s(TIMEOUT_MOST_S))
        together = f"{smaller} and raise score_timeout_s to {TIMEOUT_MOST_S}"
        return advised(sentence, together if smaller else REBUILD)

    def _smaller(self, work: Work, usable_s: float) -> str:
        work_s = self._pace.duration_s(work, self._memory_mib)
        part_mib = int(self._part_mib * TIME_SHARE * usable_s / work_s)
        return f"lower score_part_mib to {part_mib}" if part_mib >= MIN_PART_MIB else ""

    def _in_time(self, work: Work) -> tuple[str, ...]:
        """What brings work within a run, each by itself."""
        faster_mib = fast_memory_mib(self._pace, work, self._usable_s)
        enough_s = enough_time_s(self._pace.duration_s(work, self._memory_mib), TIMEOUT_MOST_S)
        return (
            f"raise {SETTING} to {faster_mib}" if faster_mib else "",
            f"raise score_timeout_s to {enough_s}" if enough_s else "",
        )


def _usable_s(timeout_s: int) -> float:
    """Of a run of the function, without what it keeps to hand on the rest."""
    return timeout_s - min(RESERVE_S, RESERVE_FRACTION * timeout_s)
