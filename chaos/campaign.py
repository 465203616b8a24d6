"""A campaign: many runs on all cores, and what they came to."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chaos.fault import Fault
from chaos.laboratory import Laboratory, laboratory
from chaos.leftovers import Leftovers
from chaos.run import Report, run

SEEDS_AT_ONCE = 25


@dataclass
class Tally:
    """`possible`: what could strike at each call site. `failures`: seeds, and what was wrong."""

    runs: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, Fault]] = field(default_factory=Counter)
    possible: dict[str, frozenset[Fault]] = field(default_factory=dict)
    failures: dict[int, tuple[str, ...]] = field(default_factory=dict)
    dead_letters: int = 0
    leftovers: list[Leftovers] = field(default_factory=list)

    def add(self, report: Report) -> None:
        self.runs += 1
        self.calls.update(report.calls)
        self.faults.update(report.faults)
        for site, faults in report.possible.items():
            self.possible[site] = self.possible.get(site, frozenset()) | faults
        if report.violations:
            self.failures[report.seed] = report.violations
        self.dead_letters += report.dead_letters
        if report.leftovers:
            self.leftovers.append(report.leftovers)

    @property
    def uncovered(self) -> list[tuple[str, Fault]]:
        """What could have struck at a call site, and never did."""
        return [
            (site, fault)
            for site, faults in sorted(self.possible.items())
            for fault in Fault
            if fault in faults and (site, fault) not in self.faults
        ]


def run_all(seeds: Iterable[int], processes: int) -> Iterator[Report]:
    """Reports as they come, in any order."""
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, initializer=_open_laboratory) as pool:
        yield from pool.imap_unordered(_run, seeds, chunksize=SEEDS_AT_ONCE)


_laboratories: list[Laboratory] = []


def _open_laboratory() -> None:
    # It stays open as long as the worker lives.
    _laboratories.append(_opened.__enter__())
    gc.freeze()


_opened = laboratory()


def _run(seed: int) -> Report:
    return run(seed, _laboratories[0])


def cores() -> int:
    return len(os.sched_getaffinity(0))
