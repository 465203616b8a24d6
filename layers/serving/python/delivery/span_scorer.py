"""Scoring a span of a job: part by part, each committed once, until the deadline nears."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from delivery.block_run import BlockRun
from delivery.deadline import Deadline
from delivery.errors import ConflictError, DisagreementError
from delivery.part import Failure, Part
from delivery.store import Claim, Parts, Upload
from delivery.tally import Tally
from formats.errors import BadFileError
from formats.row_file import RowFile, Span
from serving.errors import InvalidInputError, ModelError, ServingError


@dataclass(frozen=True, slots=True)
class Job:
    """A file under scoring. `joins` where its parts' bytes follow one another in one object."""

    claim: Claim
    file: RowFile[Any, Any]
    joins: bool


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads that score blocks, and how much work there is in one piece.

    Objects of more than `split_bytes` are split, where their format lets. What is lost with a run
    of the function is one part: those that are joined are cut at `part_bytes` of input.
    """

    pool: Executor
    threads: int
    split_bytes: int
    part_bytes: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is done in one part, small enough to be written without; a failed one has no
    content."""

    part: Part
    content: bytes | None


class SpanScorer:
    """Makes the parts of a span; `position` stands behind the last one."""

    def __init__(
        self, job: Job, span: Span, *, parts: Parts, workers: Workers, deadline: Deadline
    ) -> None:
        self._job = job
        self._stop = span.stop
        self._parts = parts
        self._workers = workers
        self._deadline = deadline
        self._run: BlockRun[Any, Any] | None = None
        self.position = span.start
        self.is_done = False

    def score(self) -> Whole | None:
        """Make the parts that are not there yet, to the end or until the deadline nears.

        A file that needs no parts is given back instead, and nothing is written.
        """
        while not self.is_done:
            part = self._committed() or self._score_part()
            if part is None or isinstance(part, Whole):
                return part
            self.position = part.stop
            reached = self._stop is not None and self.position >= self._stop
            self.is_done = part.is_last or part.failure is not None or reached
        return None

    def _committed(self) -> Part | None:
        # Whoever scores a file from its beginning is mostly the first; if not, the commit tells.
        return self._parts.read(self._job.claim, self.position) if self.position else None

    def _score_part(self) -> Part | Whole | None:
        """None where there is no time left for it."""
        run = self._run_on()
        if run is None:
            return None
        start = self.position
        with self._parts.upload(self._job.claim, start, joins=self._job.joins) as upload:
            part = self._written(run, upload)
            if part is None:
                return None
            if start == 0 and part.failure is not None:
                return Whole(part, None)
            if start == 0 and part.is_last and (content := upload.content) is not None:
                return Whole(part, content)
            data = None if part.failure else upload.finish()
            return self._commit(replace(part, data=data))

    def _run_on(self) -> BlockRun[Any, Any] | None:
        if self._run is not None and not self._deadline.allows(0):
            return None
        if self._run is None or self._run.position != self.position:
            self._run = BlockRun(
                self._job.file,
                Span(self.position, self._stop),
                pool=self._workers.pool,
                threads=self._workers.threads,
                deadline=self._deadline,
            )
        return self._run

    def _written(self, run: BlockRun[Any, Any], upload: Upload) -> Part | None:
        """A part without its data, which is in the upload; None where it would be empty."""
        tally, failure = Tally(), None
        try:
            self._write(run, upload, tally)
        except (InvalidInputError, ModelError) as error:
            upload.abort()
            failure = _failure(error, tally)
        if run.position == self.position and not run.is_done and failure is None:
            upload.abort()
            return None
        return Part(
            start=self.position,
            stop=run.position,
            is_last=run.is_done and self._stop is None,
            rows=tally.rows,
            errors=tuple(tally.errors),
            failure=failure,
            data=None,
        )

    def _write(self, run: BlockRun[Any, Any], upload: Upload, tally: Tally) -> None:
        encoder = self._job.file.encoder(self.position)
        for scored in run:
            tally.add(scored.rows, scored.errors)
            upload.write(encoder.encode(scored.data))
            if self._job.joins and run.position - self.position >= self._workers.part_bytes:
                break
        upload.write(encoder.finish())

    def _commit(self, part: Part) -> Part:
        """The part that stands: this one, or that of whoever was faster."""
        claim = self._job.claim
        try:
            self._parts.commit(claim, part)
        except ConflictError:
            winner = self._parts.read(claim, part.start)
            # A write whose answer was lost is sent again, and meets what it wrote itself.
            if winner == part:
                return part
            if part.data is not None:
                self._parts.discard(part.data)
            if winner is None:
                raise
            _require_agreement(part, winner)
            return winner
        return part


def _failure(error: ServingError, tally: Tally) -> Failure:
    row = error.row if isinstance(error, BadFileError) else None
    return Failure(str(error), None if row is None else tally.rows.total + row)


def _require_agreement(part: Part, winner: Part) -> None:
    if part.stop == winner.stop and part.rows.total != winner.rows.total:
        raise DisagreementError(
            f"the part from {part.start} to {part.stop}: expected {winner.rows.total} rows, as "
            f"committed, got {part.rows.total}"
        )
