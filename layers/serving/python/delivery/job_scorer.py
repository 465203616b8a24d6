"""Scoring a job: in one go, in parts, or as many tasks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from delivery.clock import now
from delivery.deadline import Deadline
from delivery.manifest import Output
from delivery.outcome import Outcome
from delivery.part import Part, whole
from delivery.span_scorer import Job, SpanScorer, Whole, Workers
from delivery.store import Claim, Parts, PinnedObject, Results, Tasks
from delivery.tally import Tally
from delivery.task import MAX_HOPS, Announcement, Task
from formats.errors import BadFileError
from formats.format import format_of
from formats.row_file import Span
from serving.errors import InvalidInputError
from serving.model import Model

# S3 joins ten thousand parts at most.
MAX_SPANS = 9000


@dataclass(frozen=True, slots=True)
class Scoring:
    """What became of a file: an output, or the reason why there is none."""

    tally: Tally
    output: Output | None = None
    reason: str | None = None


class JobScorer:
    """Scores the objects of one model."""

    def __init__(
        self,
        model: Model,
        *,
        results: Results,
        parts: Parts,
        tasks: Tasks,
        workers: Workers,
    ) -> None:
        self._model = model
        self._results = results
        self._parts = parts
        self._tasks = tasks
        self._workers = workers

    def score(
        self, opened: PinnedObject, claim: Claim, work: Announcement | Task, deadline: Deadline
    ) -> Scoring | Outcome:
        """The file's end, or how far this run brought it."""
        try:
            file_format = format_of(opened.source.key)
            job = Job(claim, file_format.open(opened, self._model), file_format.joins)
            if isinstance(work, Task):
                return self._score_task(job, work, deadline)
            if file_format.splits and opened.size > self._workers.split_bytes:
                spans = [*job.file.spans(self._span_bytes(opened.size))]
                if len(spans) > 1:
                    return self._split(job, work, spans)
            task = Task(work, self._model.digest, Span(0, None), now())
            return self._score_task(job, task, deadline)
        except InvalidInputError as error:
            return Scoring(Tally(), reason=str(error))

    def _span_bytes(self, size: int) -> int:
        return max(self._workers.part_bytes, size // MAX_SPANS)

    def _split(self, job: Job, announcement: Announcement, spans: Sequence[Span]) -> Outcome:
        first = Task(announcement, self._model.digest, spans[0], now(), spans=len(spans))
        self._tasks.send([replace(first, span=span) for span in spans])
        self._parts.mark_split(job.claim)
        return Outcome.SPLIT

    def _score_task(self, job: Job, task: Task, deadline: Deadline) -> Scoring | Outcome:
        scorer = SpanScorer(
            job, task.span, parts=self._parts, workers=self._workers, deadline=deadline
        )
        if (result := scorer.score()) is not None:
            return self._finish_whole(job, result)
        if not scorer.is_done:
            return self._hand_on(task.rest(scorer.position))
        if self._parts.count(job.claim) < task.spans:
            return Outcome.AWAITED
        parts = whole(lambda start: self._parts.read(job.claim, start))
        return Outcome.AWAITED if parts is None else self._finish(job, parts)

    def _hand_on(self, rest: Task) -> Scoring | Outcome:
        if rest.hops > MAX_HOPS:
            return Scoring(
                Tally(),
                reason=f"expected to be done within {MAX_HOPS} runs of the function, got to "
                f"position {rest.span.start}; give the function more memory or more time",
            )
        self._tasks.send([rest])
        return Outcome.CONTINUED

    def _finish_whole(self, job: Job, result: Whole) -> Scoring:
        tally, reason = self._judge([result.part])
        if reason is not None or result.content is None:
            return Scoring(tally, reason=reason)
        return Scoring(tally, output=self._results.put(job.claim, result.content))

    def _finish(self, job: Job, parts: Sequence[Part]) -> Scoring:
        tally, reason = self._judge(parts)
        if reason is not None:
            return Scoring(tally, reason=reason)
        data = [part.data for part in parts if part.data is not None]
        # One part is a file as it is, whatever its format.
        gather = self._results.join if job.joins or len(data) == 1 else self._results.folder
        return Scoring(tally, output=gather(job.claim, data))

    def _judge(self, parts: Sequence[Part]) -> tuple[Tally, str | None]:
        """The rows of all parts, and why the file as a whole is bad, if it is."""
        tally = Tally()
        for part in parts:
            rows_before = tally.rows.total
            tally.add(part.rows, part.errors)
            if part.failure is not None:
                return tally, part.failure.in_file(rows_before)
        try:
            tally.require(self._model.card)
        except BadFileError as error:
            return tally, str(error)
        return tally, None
