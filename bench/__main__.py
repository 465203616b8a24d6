"""`python -m bench`: cold, warm and wide requests, as ratios of CPU time in one run."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import orjson

from bench.contest import Spread, cold, ratio, warm
from bench.contestant import Payload
from bench.field import FASTAPI, FLOOR, OURS, RIVALS, field
from bench.models import boosted_trees, linear

REPORT = Path(__file__).parent / "report.json"
logger = logging.getLogger("bench")

Figures = dict[str, Spread]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rivals", nargs="*", choices=list(RIVALS), default=[FASTAPI])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as directory:
        figures |= small(Path(directory), options.rivals, options.rounds)
        figures |= wide(Path(directory), options.rounds)
    for name, spread in figures.items():
        logger.info("%-28s %s", name, spread)
    REPORT.write_text(json.dumps(_report(figures, options.rounds), indent=2) + "\n")


def small(directory: Path, rivals: list[str], rounds: int) -> Figures:
    """One row of ten numbers into a hundred trees: cold starts, then warm requests."""
    model = boosted_trees(directory, columns=10)
    payload = _rows(1, 10)
    starts = field(model, rivals)
    measured = {
        "cold": cold(starts, payload, rounds=rounds),
        "warm": warm(starts, lambda _: payload, rounds=rounds, requests=300),
    }
    figures = {}
    for what, spent in measured.items():
        figures[f"{what}: ours / floor"] = ratio(spent, OURS, FLOOR)
        figures |= {f"{what}: {name} / ours": ratio(spent, name, OURS) for name in rivals}
        for name, values in spent.items():
            logger.info("%s %s: %.0f µs of CPU", what, name, Spread.of(values).median * 1e6)
    return figures


def wide(directory: Path, rounds: int) -> Figures:
    """A thousand rows of thirty numbers into a linear model, as JSON."""
    model = linear(directory, columns=30)
    payload = _rows(1000, 30)
    spent = warm(field(model, []), lambda _: payload, rounds=rounds, requests=20)
    return {"wide JSON: ours / floor": ratio(spent, OURS, FLOOR)}


def _rows(rows: int, columns: int) -> Payload:
    random = np.random.default_rng(0)
    values = random.random((rows, columns), dtype=np.float32)
    body = orjson.dumps({"instances": values}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Payload(body.decode())


def _report(figures: Figures, rounds: int) -> dict[str, object]:
    packages = ("onnxruntime", "numpy", "orjson", "awslambdaric", "fastapi", "uvicorn")
    return {
        "machine": {"cpu": platform.machine(), "cores": os.cpu_count()},
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
        "rounds": rounds,
        "unit": "ratio of CPU time: median and quartiles of paired rounds",
        "figures": {name: asdict(spread) for name, spread in figures.items()},
    }


if __name__ == "__main__":
    main(sys.argv[1:])
