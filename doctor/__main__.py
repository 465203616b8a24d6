"""`python -m doctor`: before a deployment, what will break and what it will cost.

The code is 0, 1 where something breaks, and 2 where nobody can tell.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from doctor.costs import Costs
from doctor.errors import DoctorError
from doctor.examination import examine
from doctor.finding import Grade
from doctor.prices import Prices
from doctor.report import Report, refusal_as_json
from doctor.stage import context_of, deployed
from doctor.starts import Effort
from doctor.work import Pace
from local.assembly import ROOT
from local.errors import LocalCloudError
from serving.errors import ConfigurationError
from terminal.command import exit_code
from terminal.output import say
from terminal.signals import stop_at_signals

BREAKS = 1


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    return exit_code(
        partial(_diagnose, options),
        errors=(DoctorError, LocalCloudError),
        when_stopped="stopped",
    )


def _diagnose(options: argparse.Namespace) -> int:
    try:
        report = _report(options)
    except ConfigurationError as error:
        # What synthesis refuses is deployed by nobody.
        say(refusal_as_json(str(error)) if options.json else f"{Grade.BREAKS}: {error}")
        return BREAKS
    say(report.as_json() if options.json else report.as_text())
    return BREAKS if report.grade is Grade.BREAKS else 0


def _report(options: argparse.Namespace) -> Report:
    prices = Prices.read(options.prices) if options.prices else Prices()
    with deployed(options.models_dir, context_of(options.stage)) as stage:
        costs = Costs(stage.settings, prices, Pace(options.cpu_factor))
        return examine(stage, costs, Effort(), only=options.model)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m doctor", description=__doc__)
    parser.add_argument("--stage", help="of cdk.json; otherwise the one it names")
    parser.add_argument("--model", help="this one alone")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--prices", type=Path, metavar="FILE", help="JSON: others than us-east-1's")
    parser.add_argument(
        "--cpu-factor",
        type=_factor,
        default=1.0,
        metavar="F",
        help="the seconds a vCPU of Lambda needs for one of this machine's (default: %(default)s)",
    )
    parser.add_argument(
        "--models-dir",
        type=Path,
        default=Path(os.environ.get("MODELS_DIR") or ROOT / "models"),
        metavar="DIRECTORY",
        help="where <name>/<version>/ are (default: %(default)s)",
    )
    return parser


def _factor(text: str) -> float:
    with suppress(ValueError):
        factor = float(text)
        if 0 < factor < math.inf:
            return factor
    raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")


if __name__ == "__main__":
    stop_at_signals()
    sys.exit(main(sys.argv[1:]))
