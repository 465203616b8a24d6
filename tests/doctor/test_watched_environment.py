"""What is seen from outside of a function's process."""

from __future__ import annotations

import pytest

from doctor.watched_environment import WatchedEnvironment
from local.assembly import ROOT
from local.environment import Configuration

WASTEFUL = Configuration(handler="tests.doctor.wasteful.handler", directory=ROOT)
# Of what is resident, to either side.
ABOUT_MIB = 8


def test_the_peak_of_an_event_is_its_own_and_no_earlier_one() -> None:
    with WatchedEnvironment(WASTEFUL) as environment:
        resting_mib = environment.resident_mib
        peaks_mib = [environment.measured(b'{"mib": %d}' % mib).peak_mib for mib in (50, 200, 100)]

    assert environment.start.peak_mib > resting_mib + 250
    assert peaks_mib == pytest.approx([resting_mib + mib for mib in (50, 200, 100)], abs=ABOUT_MIB)
