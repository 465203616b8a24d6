"""The same work on more and more rows, and what it says of more of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.errors import AnswerError
from doctor.series import Bounds, Failure, Run, Series, escalate
from doctor.work import Work
from local.errors import FunctionTimedOutError

REST = Run(0, Work(0.0, 0.0), 100.0)
ROOMY = Bounds(rows=1000, cpu_s=1e6, memory_mib=1e6)


def costing(cpu_s: float, mib: float) -> Callable[[int], Run]:
    """A function that takes so much for each row."""
    return lambda rows: Run(rows, Work(rows * cpu_s, rows * cpu_s), 100 + rows * mib, rows, rows)


def test_rows_grow_up_to_the_most_there_may_be() -> None:
    series = escalate(costing(0.001, 0.01), REST, ROOMY)

    assert [run.rows for run in series.runs] == [0, 1, 8, 64, 512, 1000]


def test_no_run_takes_more_cpu_time_than_it_may() -> None:
    series = escalate(costing(1.0, 0.0), REST, ROOMY._replace(cpu_s=100.0))

    assert [run.rows for run in series.runs] == [0, 1, 8, 64]


def test_rows_no_longer_grow_once_memory_is_used_up() -> None:
    series = escalate(costing(0.001, 300.0), REST, ROOMY._replace(memory_mib=500.0))

    assert [run.rows for run in series.runs] == [0, 1, 3]


def test_a_run_that_comes_to_nothing_is_the_last() -> None:
    def run(rows: int) -> Run:
        if rows > 8:
            raise FunctionTimedOutError("no answer")
        return costing(0.001, 0.0)(rows)

    series = escalate(run, REST, ROOMY)

    assert [run.rows for run in series.runs] == [0, 1, 8]
    assert series.failure == Failure(64, "no answer")
    assert not series.failure.is_refusal


def test_a_refusal_is_told_from_a_fault_by_its_status() -> None:
    def run(rows: int) -> Run:
        if rows > 8:
            raise AnswerError("too many rows", status=413)
        return costing(0.001, 0.0)(rows)

    series = escalate(run, REST, ROOMY)

    assert series.failure == Failure(64, "too many rows", 413)
    assert series.failure.is_refusal


def test_of_what_fails_at_its_first_row_nothing_is_known() -> None:
    def refuse(_: int) -> Run:
        raise AnswerError("no number", status=422)

    with pytest.raises(AnswerError, match="no number"):
        escalate(refuse, REST, ROOMY)


def test_between_measurements_and_beyond_them_rows_are_on_a_line() -> None:
    series = Series((REST, costing(0.5, 2.0)(10), Run(20, Work(7.0, 6.0), 130.0, 20, 20)))

    assert series.at(5) == Run(5, Work(2.5, 2.5), 110.0, 5, 5)
    assert series.at(20) == series.last
    assert series.at(40) == Run(40, Work(11.0, 8.0), 150.0, 40, 40)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6), st.data())
def test_more_rows_are_never_reckoned_to_take_less(
    seconds: list[float], data: st.DataObject
) -> None:
    runs = [Run(10**n, Work(s, s), s) for n, s in enumerate(seconds)]
    series = Series((REST._replace(peak_mib=0.0), *runs))
    last = 2 * series.last.rows
    rows = st.integers(series.last.rows, last)
    fewer, more = sorted([data.draw(rows), data.draw(rows)])

    assert series.at(fewer).work.cpu_s <= series.at(more).work.cpu_s
    assert series.at(fewer).peak_mib <= series.at(more).peak_mib
