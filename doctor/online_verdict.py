"""What becomes of a predict function in its stage, judged by what was measured of it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from cdk.alarms import SLOW_SHARE_OF_TIMEOUT
from cdk.settings import StageSettings
from doctor.finding import Finding, Grade, advised
from doctor.function_verdict import memory_finding, start_finding, temporary_finding
from doctor.headroom import enough_time_s, fast_memory_mib, most_rows
from doctor.online import Online
from doctor.quotas import ANSWER_MOST_BYTES, API_TIMEOUT_S
from doctor.work import Pace, Work

SETTING = "predict_memory_mib"


class OnlineVerdict:
    """`is_cut` says that the model's rows are cut into runs, of which its card says how large."""

    def __init__(
        self, settings: StageSettings, online: Online, pace: Pace, *, is_cut: bool = False
    ) -> None:
        self._memory_mib = settings.predict_memory_mib
        self._timeout_s = settings.predict_timeout_s
        self._is_provisioned = settings.predict_provisioned_concurrency is not None
        self._online = online
        self._pace = pace
        self._is_cut = is_cut

    def findings(self) -> Iterator[Finding]:
        yield self._start()
        yield self._memory()
        yield self._row()
        yield self._largest()
        yield self._answer()
        yield temporary_finding("predict", self._online.temporary_bytes)

    def _start(self) -> Finding:
        return start_finding(
            "predict",
            self._duration_s(self._online.start.work),
            self._duration_s(self._online.first),
            self._timeout_s,
            is_provisioned=self._is_provisioned,
        )

    def _memory(self) -> Finding:
        online, limit_mib = self._online, self._memory_mib
        start_mib, largest_mib = online.start.peak_mib, online.largest.peak_mib
        if start_mib >= largest_mib:
            return memory_finding("predict", start_mib, limit_mib, of="its start")
        cut = "let a run hold less ([runs] in the card)" if self._is_cut else ""
        return memory_finding(
            "predict",
            largest_mib,
            limit_mib,
            of=self._of_the_largest,
            otherwise=(cut, _fewer(most_rows(self._has_memory, online.most_rows))),
        )

    def _row(self) -> Finding:
        work = self._online.row.work
        row_s = self._duration_s(work)
        sentence = f"one row takes {row_s * 1000:,.1f} ms of {self._timeout_s} s"
        if row_s > self._timeout_s:
            return Finding(Grade.BREAKS, "predict row", self._in_more_time(sentence, work))
        if row_s > SLOW_SHARE_OF_TIMEOUT * self._timeout_s:
            sentence += ", and every request rings PredictSlow"
            return Finding(Grade.WARNS, "predict row", self._in_more_time(sentence, work))
        return Finding(Grade.FINE, "predict row", sentence)

    def _largest(self) -> Finding:
        what, online = "predict request", self._online
        if failure := online.failure:
            sentence = f"of {failure.rows:,} rows at once nothing comes back: {failure.sentence}"
            fewer = _fewer(online.requests.last.rows)
            return Finding(Grade.BREAKS, what, advised(sentence, fewer))
        work = online.largest.work
        largest_s = self._duration_s(work)
        sentence = f"{self._of_the_largest} takes {largest_s:,.1f} s of {self._timeout_s}"
        if largest_s > self._timeout_s:
            return Finding(Grade.BREAKS, what, self._in_more_time(sentence, work))
        if largest_s > SLOW_SHARE_OF_TIMEOUT * self._timeout_s:
            sentence += ", and rings PredictSlow where it is one of a hundred"
            return Finding(Grade.WARNS, what, self._in_more_time(sentence, work))
        return Finding(Grade.FINE, what, sentence)

    def _answer(self) -> Finding:
        refusal = self._online.refusal
        if refusal is not None:
            sentence = f"{refusal.rows:,} rows at once are refused: {refusal.sentence}"
            is_size = refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return Finding(Grade.FINE if is_size else Grade.WARNS, "predict answer", sentence)
        size = self._online.largest.output_bytes
        sentence = f"{self._of_the_largest} is answered in {size:,} bytes of {ANSWER_MOST_BYTES:,}"
        if size > ANSWER_MOST_BYTES:
            sentence += ": it is refused, and the caller told to send fewer"
        return Finding(Grade.FINE, "predict answer", sentence)

    @property
    def _of_the_largest(self) -> str:
        rows = self._online.largest.rows
        reckoned = "" if rows <= self._online.requests.last.rows else ", reckoned from fewer,"
        return f"a request of {rows:,} rows{reckoned}"

    def _in_more_time(self, sentence: str, work: Work) -> str:
        faster_mib = fast_memory_mib(self._pace, work, self._timeout_s)
        enough_s = enough_time_s(self._duration_s(work), API_TIMEOUT_S - 1)
        return advised(
            sentence,
            f"raise {SETTING} to {faster_mib}" if faster_mib else "",
            f"raise predict_timeout_s to {enough_s}" if enough_s else "",
            _fewer(most_rows(self._is_in_time, self._online.most_rows)),
        )

    def _has_memory(self, rows: int) -> bool:
        peak_mib = max(self._online.start.peak_mib, self._online.peak_mib(rows))
        return peak_mib <= self._memory_mib

    def _is_in_time(self, rows: int) -> bool:
        return self._duration_s(self._online.requests.at(rows).work) <= self._timeout_s

    def _duration_s(self, work: Work) -> float:
        return self._pace.duration_s(work, self._memory_mib)


def _fewer(rows: int) -> str:
    return f"send at most {rows:,} rows at a time" if rows else ""
