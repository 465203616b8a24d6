"""A series: the same work on more and more rows, and what it says of more of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from doctor.errors import AnswerError
from doctor.work import Work
from local.errors import InvocationError

GROWTH = 8


class Run(NamedTuple):
    """`peak_mib` is the most that was resident while it ran."""

    rows: int
    work: Work
    peak_mib: float
    input_bytes: int = 0
    output_bytes: int = 0


class Failure(NamedTuple):
    """What became of so many rows. `status` is HTTP's; 0 where there was no answer."""

    rows: int
    sentence: str
    status: int = 0

    @property
    def is_refusal(self) -> bool:
        """Whether the function said no, and lives on."""
        return 400 <= self.status < 500  # noqa: PLR2004 - HTTP's range


class Series(NamedTuple):
    """Runs by rows; the first, of none, is the function at rest, the second of a single row.
    `failure` ended it."""

    runs: tuple[Run, ...]
    failure: Failure | None = None

    @property
    def last(self) -> Run:
        return self.runs[-1]

    def at(self, rows: int) -> Run:
        """What so many rows take: on the line between the measurements around them, or beyond the
        last one as it went on from the one before."""
        around = [pair for pair in pairwise(self.runs) if rows <= pair[1].rows]
        before, after = around[0] if around else self.runs[-2:]
        return _on_the_line(before, after, rows)


def _on_the_line(before: Run, after: Run, rows: int) -> Run:
    share = (rows - before.rows) / (after.rows - before.rows)

    def between(one: float, other: float) -> float:
        # Now and then more rows take less, by what a clock is off.
        return max(one, other) if other < one else one + share * (other - one)

    return Run(
        rows,
        Work(
            between(before.work.cpu_s, after.work.cpu_s),
            between(before.work.longest_s, after.work.longest_s),
        ),
        between(before.peak_mib, after.peak_mib),
        round(between(before.input_bytes, after.input_bytes)),
        round(between(before.output_bytes, after.output_bytes)),
    )


class Bounds(NamedTuple):
    """Where a series ends: at `rows`, at a run that would take more CPU time, or at one that took
    more memory beside what the function has at rest."""

    rows: int
    cpu_s: float
    memory_mib: float


def escalate(run: Callable[[int], Run], at_rest: Run, bounds: Bounds) -> Series:
    """One row first, then more and more of them. Raises AnswerError or InvocationError where that
    one comes to nothing."""
    runs = [at_rest, run(1)]
    while rows := _more(runs[-1], at_rest, bounds):
        try:
            runs.append(run(rows))
        except AnswerError as error:
            return Series((*runs,), Failure(rows, str(error), error.status))
        except InvocationError as error:
            return Series((*runs,), Failure(rows, str(error)))
    return Series((*runs,))


def _more(last: Run, at_rest: Run, bounds: Bounds) -> int:
    """How many rows next; 0 where it is enough. A step never takes much more memory than the
    function has: this machine may not have it either."""
    grown_mib = max(last.peak_mib - at_rest.peak_mib, 1e-3)
    if grown_mib > bounds.memory_mib:
        return 0
    rows = min(
        bounds.rows,
        GROWTH * last.rows,
        int(last.rows * bounds.cpu_s / max(last.work.cpu_s, 1e-6)),
        int(last.rows * 2 * bounds.memory_mib / grown_mib),
    )
    is_worth_it = rows >= 2 * last.rows or last.rows < rows == bounds.rows
    return rows if is_worth_it else 0
