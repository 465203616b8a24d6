"""Write a next version that loads faster, if one is as right and as fast as this."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnxruntime

from admission.gate import admit
from registry.candidate import candidates, write_optimization
from registry.errors import SelectionError
from registry.examination import examine
from registry.selection import model_directory, next_version, select_version
from registry.trial import HEADS, Trial, as_document, as_row, best_of
from serving import golden, optimization
from serving.repository import ModelVersion
from terminal.output import say, sum_up, table


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("--version", type=int, help="default: the live one")
    parser.add_argument(
        "--quantize", choices=["int8", "fp16"], help="try weights in fewer bits, too"
    )


def run(options: argparse.Namespace) -> int:
    directory = model_directory(options.models_dir, options.model)
    selected = select_version(directory, options.version)
    rows = _golden_rows(selected)
    admit(selected.directory, selected.card)
    # Beside the versions, so that the chosen one is moved to its place in one step.
    with TemporaryDirectory(prefix=".optimizing-", dir=directory) as staging:
        ways = [*candidates(selected, Path(staging), options.quantize)]
        sum_up(f"{selected.directory}: comparing {len(ways)} candidates, in some minutes …")
        trials = examine(ways, selected.name, rows)
        say(table(HEADS, [as_row(trial) for trial in trials]))
        best = best_of(trials)
        if best is None:
            sum_up("nothing would load faster and be as right and as fast: nothing was written")
            return 0
        version = directory / str(next_version(directory))
        write_optimization(best.candidate.directory, _report(selected, best, trials))
        admit(best.candidate.directory, selected.card)
        shutil.move(best.candidate.directory, version)
    sum_up(f"{version}: {best.candidate.name}; `live = {version.name}` in the card makes it live")
    return 0


def _golden_rows(selected: ModelVersion) -> golden.Golden:
    if (selected.directory / optimization.FILE_NAME).exists():
        raise SelectionError(
            f"{selected.directory}: expected a version that is not optimised yet; name the one "
            "that it was made from: VERSION=… (--version)"
        )
    rows = golden.read_golden(selected.directory)
    if rows is None:
        raise SelectionError(
            f"{selected.directory}: expected {golden.FILE_NAME}, by which an optimised graph is "
            "judged; `make golden` writes it"
        )
    return rows


def _report(selected: ModelVersion, best: Trial, trials: Sequence[Trial]) -> dict[str, object]:
    return {
        "optimized": optimization.is_optimized(best.candidate.directory),
        "from_version": selected.version,
        "chosen": best.candidate.name,
        "onnxruntime": onnxruntime.__version__,
        "tolerance": selected.card.tolerance,
        "candidates": [as_document(trial) for trial in trials],
    }
