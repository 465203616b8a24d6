"""`python -m fuzz`: throw numbered cases at the handlers; any failure says how to repeat it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.attack import Outcome, attack_in_process, attack_through_runtime
from terminal.output import say

SHOWN_FAILURES = 5


def main() -> int:
    options = _options()
    with TemporaryDirectory() as name:
        directory = Path(name)
        here = attack_in_process(directory, options.seed, _numbers(options, options.inputs))
        _report("in this process", here, options.seed)
        numbers = _numbers(options, options.runtime_inputs)
        there = attack_through_runtime(directory, options.seed, numbers)
        _report("through awslambdaric", there, options.seed)
    return 1 if here.failures or there.failures else 0


def _numbers(options: argparse.Namespace, count: int) -> Iterable[int]:
    return range(count) if options.only is None else [options.only]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--inputs", type=int, default=200_000, help="in this process")
    parser.add_argument("--runtime-inputs", type=int, default=5_000, help="through awslambdaric")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this one, in both")
    return parser.parse_args()


def _report(where: str, outcome: Outcome, seed: int) -> None:
    answered = outcome.counts.total()
    say(f"{where}: {answered} answered as they must be, {len(outcome.failures)} not")
    for (kind, status), count in sorted(outcome.counts.items()):
        say(f"  {kind:20} {status} {count:8}")
    for number, failure in list(outcome.failures.items())[:SHOWN_FAILURES]:
        say(f"  python -m fuzz --seed {seed} --only {number}\n  {failure}")


if __name__ == "__main__":
    sys.exit(main())
