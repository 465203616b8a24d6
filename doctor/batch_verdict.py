"""What becomes of a score function in its stage, judged by what was measured of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cdk.settings import StageSettings
from delivery.deadline import RESERVE_FRACTION, RESERVE_S
from delivery.task import MAX_HOPS
from doctor.batch import Batch
from doctor.finding import Finding, Grade, advised
from doctor.function_verdict import memory_finding, start_finding, temporary_finding
from doctor.headroom import enough_time_s, fast_memory_mib
from doctor.work import Pace

TIMEOUT_MOST_S = 900
SETTING = "score_memory_mib"
PART = "score part"
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
        return start_finding("score", init_s, block_s, self._timeout_s)

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
        block_s = self._pace.duration_s(self._batch.block, self._memory_mib)
        sentence = (
            f"a block of {self._batch.block_rows:,} rows takes {block_s:,.1f} s of the "
            f"{self._usable_s:,.0f} that a run has for it"
        )
        if block_s > self._usable_s:
            return Finding(Grade.BREAKS, what, self._in_more_time(sentence))
        return Finding(Grade.FINE, what, sentence)

    def _part(self) -> Finding:
        part_s = self._pace.duration_s(self._batch.part.work, self._memory_mib)
        runs = math.ceil(part_s / self._usable_s)
        sentence = f"a part of {self._part_mib} MiB takes {part_s:,.1f} s, {runs:,} run(s) of it"
        if runs > MAX_HOPS:
            sentence += f", of which there may be {MAX_HOPS:,}"
            return Finding(Grade.BREAKS, PART, advised(sentence, *self._lighter()))
        if runs > 1:
            sentence += ", one after the other"
            return Finding(Grade.WARNS, PART, advised(sentence, *self._lighter()))
        return Finding(Grade.FINE, PART, sentence)

    @property
    def _usable_s(self) -> float:
        return self._timeout_s - min(RESERVE_S, RESERVE_FRACTION * self._timeout_s)

    def _lighter(self) -> tuple[str, ...]:
        return ("lower score_part_mib (not below 5)", f"raise score_timeout_s or {SETTING}")

    def _in_more_time(self, sentence: str) -> str:
        block = self._batch.block
        faster_mib = fast_memory_mib(self._pace, block, self._usable_s)
        enough_s = enough_time_s(self._pace.duration_s(block, self._memory_mib), TIMEOUT_MOST_S)
        return advised(
            sentence,
            f"raise {SETTING} to {faster_mib}" if faster_mib else "",
            f"raise score_timeout_s to {enough_s}" if enough_s else "",
            "" if faster_mib or enough_s else REBUILD,
        )
