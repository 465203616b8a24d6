"""`python -m chaos`: the score function under faults; any failure says how to repeat it."""

from __future__ import annotations

import argparse
import sys
import time

from chaos import burst
from chaos.campaign import Tally, cores, run_all
from chaos.laboratory import laboratory
from chaos.leftovers import total
from chaos.run import run
from chaos.table import never_covered, table_of
from terminal.output import say

SHOWN_FAILURES = 10
SHOWN_UNCOVERED = 20


def main() -> int:
    options = _options()
    if options.what == "burst":
        return _burst(options.files)
    return _replay(options.seed) if options.seed is not None else _campaign(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["runs", "burst"], default="runs")
    parser.add_argument("--seeds", type=int, default=300, help="how many runs")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first run's")
    parser.add_argument("--seed", type=int, help="this run alone, call by call")
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--files", type=int, default=10_000, help="of a burst")
    return parser.parse_args()


def _burst(files: int) -> int:
    plain, poisoned = burst.compare(files)
    for name, report in [("without poison", plain), ("with poison", poisoned)]:
        say(
            f"{name}: {files} files settled in {report.drained_s:.0f} s of virtual time (had every "
            f"slot always been busy: {report.ideal_s:.0f} s), on average after "
            f"{report.settled_after_s:.0f} s, in {report.attempts} deliveries; {report.lost} lost, "
            f"{report.dead_letters} healthy dead letters, {report.dead_poison} poisonous ones"
        )
    cost = poisoned.settled_after_s / plain.settled_after_s - 1
    say(f"poison cost the healthy files {cost:+.1%}")
    is_bad = any(report.lost or report.dead_letters for report in (plain, poisoned))
    return 1 if is_bad or cost > burst.MAXIMUM_COST else 0


def _replay(seed: int) -> int:
    with laboratory() as opened:
        report = run(seed, opened, is_told=True)
    for line in [*report.story, *report.violations]:
        say(line)
    return 1 if report.violations else 0


def _campaign(options: argparse.Namespace) -> int:
    tally, started = Tally(), time.monotonic()
    for report in run_all(range(options.first, options.first + options.seeds), options.processes):
        tally.add(report)
    _report(tally, time.monotonic() - started)
    return 1 if tally.failures else 0


def _report(tally: Tally, wall_s: float) -> None:
    for line in table_of(tally):
        say(line)
    uncovered = [*never_covered(tally)]
    for line in uncovered[:SHOWN_UNCOVERED]:
        say(line)
    if len(uncovered) > SHOWN_UNCOVERED:
        say(f"never covered: {len(uncovered) - SHOWN_UNCOVERED} more")
    for seed, violations in sorted(tally.failures.items())[:SHOWN_FAILURES]:
        say(f"python -m chaos --seed {seed}")
        for sentence in violations:
            say(f"  {sentence}")
    left = total(tally.leftovers)
    say(
        f"{tally.runs} runs in {wall_s:.0f} s: {tally.calls.total()} calls, "
        f"{tally.faults.total()} faults, {tally.dead_letters} dead letters, "
        f"{len(tally.failures)} runs with violations; left behind after crashes and lost replies: "
        f"{left.parts} parts, {left.outputs} outputs, {left.uploads} uploads under way"
    )


if __name__ == "__main__":
    sys.exit(main())
