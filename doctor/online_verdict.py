"""What becomes of a predict function in its stage, judged by what was measured of it."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from cdk.alarms import SLOW_SHARE_OF_TIMEOUT
from cdk.settings import StageSettings
from doctor.finding import Finding, Grade, advised
from doctor.function_verdict import Limits, memory_finding, start_finding, temporary_finding
from doctor.headroom import (
    MEMORY_SHARE,
    TIME_SHARE,
    enough_memory_mib,
    enough_time_s,
    fast_memory_mib,
    most_rows,
)
from doctor.online import Online
from doctor.quotas import ANSWER_MOST_BYTES, API_TIMEOUT_S
from doctor.series import Run
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
        yield self._request()
        yield self._answer()
        yield temporary_finding("predict", self._online.temporary_bytes)

    def _start(self) -> Finding:
        return start_finding(
            "predict",
            self._duration_s(self._online.start.work),
            self._duration_s(self._online.first),
            Limits(self._memory_mib, self._timeout_s),
            is_provisioned=self._is_provisioned,
        )

    def _memory(self) -> Finding:
        """Of the largest request, or where no setting holds that, of one that is known."""
        online, limit_mib, start_mib = self._online, self._memory_mib, self._online.start.peak_mib
        request = online.sample if self._is_boundless else online.largest
        if start_mib >= request.peak_mib:
            return memory_finding("predict", start_mib, limit_mib, of="its start")
        cut = "let a run hold less ([runs] in the card)" if self._is_cut else ""
        return memory_finding(
            "predict",
            request.peak_mib,
            limit_mib,
            of=self._of(request),
            otherwise=(cut, self._fewer),
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

    def _request(self) -> Finding:
        """Callers choose its size: that the largest takes too much breaks nothing by itself."""
        what, online = "predict request", self._online
        if failure := online.failure:
            sentence = f"of {failure.rows:,} rows at once nothing comes back: {failure.sentence}"
            fewer = _at_most(online.requests.last.rows)
            return Finding(Grade.BREAKS, what, advised(sentence, fewer))
        sample, largest = online.sample, online.largest
        if self._duration_s(sample.work) > self._timeout_s:
            sentence = self._in_more_time(self._timed(sample), sample.work)
            return Finding(Grade.BREAKS, what, sentence)
        sentence, largest_s = self._timed(largest), self._duration_s(largest.work)
        if self._is_boundless:
            sentence += f", and {largest.peak_mib:,.0f} MiB, more than any setting has room for"
            return Finding(Grade.WARNS, what, advised(sentence, self._fewer))
        if largest_s <= SLOW_SHARE_OF_TIMEOUT * self._timeout_s:
            return Finding(Grade.FINE, what, sentence)
        if largest_s <= self._timeout_s:
            sentence += ", and rings PredictSlow where it is one of a hundred"
        return Finding(Grade.WARNS, what, self._in_more_time(sentence, largest.work))

    def _answer(self) -> Finding:
        what, refusal = "predict answer", self._online.refusal
        if refusal is not None:
            if refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                sentence = f"who sends {refusal.rows:,} rows is told by a 413 to send fewer"
                return Finding(Grade.FINE, what, sentence)
            sentence = f"{refusal.rows:,} rows at once are refused: {refusal.sentence}"
            return Finding(Grade.WARNS, what, sentence)
        largest = self._online.largest
        sentence = (
            f"{self._of(largest)} is answered in {largest.output_bytes:,} bytes of "
            f"{ANSWER_MOST_BYTES:,}"
        )
        if largest.output_bytes > ANSWER_MOST_BYTES:
            sentence += ": who sends it is told by a 413 to send fewer"
        return Finding(Grade.FINE, what, sentence)

    def _timed(self, request: Run) -> str:
        duration_s = self._duration_s(request.work)
        return f"{self._of(request)} takes {duration_s:,.1f} s of {self._timeout_s}"

    def _of(self, request: Run) -> str:
        rows = "one row" if request.rows == 1 else f"{request.rows:,} rows"
        is_measured = request.rows <= self._online.requests.last.rows
        reckoned = "" if is_measured else ", reckoned from fewer,"
        return f"a request of {rows}{reckoned}"

    def _in_more_time(self, sentence: str, work: Work) -> str:
        faster_mib = fast_memory_mib(self._pace, work, self._timeout_s)
        enough_s = enough_time_s(self._duration_s(work), API_TIMEOUT_S - 1)
        return advised(
            sentence,
            f"raise {SETTING} to {faster_mib}" if faster_mib else "",
            f"raise predict_timeout_s to {enough_s}" if enough_s else "",
            self._fewer,
        )

    @property
    def _fewer(self) -> str:
        return _at_most(most_rows(self._fits, self._online.most_rows))

    def _fits(self, rows: int) -> bool:
        """With headroom."""
        request = self._online.at(rows)
        peak_mib = max(self._online.start.peak_mib, request.peak_mib)
        is_in_time = self._duration_s(request.work) <= TIME_SHARE * self._timeout_s
        return is_in_time and peak_mib <= MEMORY_SHARE * self._memory_mib

    @property
    def _is_boundless(self) -> bool:
        """Whether no setting has memory for the largest request."""
        return enough_memory_mib(self._online.largest.peak_mib) is None

    def _duration_s(self, work: Work) -> float:
        return self._pace.duration_s(work, self._memory_mib)


def _at_most(rows: int) -> str:
    return f"tell callers: at most {rows:,} rows a request" if rows else ""
