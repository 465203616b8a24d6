"""How long Lambda takes for what took this machine so much CPU time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.work import Pace, Work

SECONDS = st.floats(0.001, 1000)
MEMORY = st.integers(128, 10_240)


@pytest.mark.parametrize(
    ("memory_mib", "duration_s"),
    [(1769, 4.0), (3538, 2.0), (7076, 1.0), (10_240, 1.0), (442.25, 16.0)],
)
def test_work_goes_as_fast_as_memory_and_its_longest_thread_let(
    memory_mib: float, duration_s: float
) -> None:
    assert Pace().duration_s(Work(4.0, 1.0), memory_mib) == duration_s


@pytest.mark.parametrize(("memory_mib", "duration_s"), [(1769, 4.0), (3538, 4.0), (884.5, 8.0)])
def test_one_thread_is_no_faster_on_more_than_a_vcpu(memory_mib: float, duration_s: float) -> None:
    assert Pace().duration_s(Work(4.0, 4.0), memory_mib) == duration_s


def test_a_slower_processor_takes_longer_in_proportion() -> None:
    assert Pace(1.5).duration_s(Work(2.0, 2.0), 1769) == 3.0


@given(SECONDS, SECONDS, MEMORY, MEMORY)
def test_more_memory_never_takes_longer(
    cpu_s: float, longest_s: float, one_mib: int, other_mib: int
) -> None:
    work = Work(cpu_s, min(cpu_s, longest_s))
    less, more = sorted([one_mib, other_mib])

    assert Pace().duration_s(work, more) <= Pace().duration_s(work, less)


@given(SECONDS, SECONDS, MEMORY)
def test_more_work_never_takes_less(one_s: float, other_s: float, memory_mib: int) -> None:
    less, more = (Work(cpu_s, cpu_s) for cpu_s in sorted([one_s, other_s]))

    assert Pace().duration_s(less, memory_mib) <= Pace().duration_s(more, memory_mib)
