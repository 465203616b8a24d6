"""A few runs, as `make chaos` makes thousands of them."""

from __future__ import annotations

import pytest

from chaos.burst import Burst
from chaos.call_sites import SELDOM, call_sites
from chaos.laboratory import Laboratory
from chaos.run import run


@pytest.mark.parametrize("first", range(0, 240, 20))
def test_whatever_happens_each_upload_is_settled_once(opened: Laboratory, first: int) -> None:
    reports = [run(seed, opened) for seed in range(first, first + 20)]

    assert {report.seed: report.violations for report in reports if report.violations} == {}
    assert sum(report.faults.total() for report in reports) > 0


def test_the_same_seed_tells_the_same_story(opened: Laboratory) -> None:
    first, again = (run(7, opened, is_told=True) for _ in range(2))

    assert first.story == again.story
    assert len(first.story) > 10


def test_throttling_alone_kills_no_message(opened: Laboratory) -> None:
    report = Burst(opened, files=40, poison=1, share=0.3).run()

    assert (report.lost, report.dead_letters) == (0, 0)
    assert report.dead_poison >= 1


def test_what_is_seldom_called_is_called_at_all() -> None:
    assert {site.partition(" < ")[0] for site in SELDOM} <= call_sites()
