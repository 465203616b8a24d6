"""`python -m bench`: cold, warm and wide requests as ratios of CPU time in one run, and growth."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
from base64 import b64encode
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import orjson
from scipy.optimize import curve_fit

from bench.contest import Spread, cold, ratio, warm
from bench.contestant import Payload
from bench.field import FASTAPI, FLOOR, OURS, RIVALS, field
from bench.models import boosted_trees, linear
from serving.coercion import Array

REPORT = Path(__file__).parent / "report.json"
logger = logging.getLogger("bench")

Figures = dict[str, Spread]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rivals", action="store_true", help="MLServer and BentoML, too")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as directory:
        rivals = list(RIVALS) if options.rivals else [FASTAPI]
        figures |= small(Path(directory), rivals, options.rounds)
        figures |= wide(Path(directory), options.rounds)
        exponents = growth(Path(directory))
    for what, figure in figures.items():
        logger.info("%-28s %s", what, figure)
    for name, grown in exponents.items():
        for what, value in grown.items():
            logger.info("%-28s %.3f", f"{what}: {name}", value)
    REPORT.write_text(json.dumps(_report(figures, exponents, options.rounds), indent=2) + "\n")


def small(directory: Path, rivals: list[str], rounds: int) -> Figures:
    """One row of ten numbers into a hundred trees: cold starts, then warm requests."""
    model = boosted_trees(directory, columns=10)
    payload = rows(1, 10)
    starts = field(model, rivals)
    measured = {
        "cold": cold(starts, payload, rounds=rounds),
        "warm": warm(starts, payload, rounds=rounds, requests=300),
    }
    figures = {}
    for what, spent in measured.items():
        figures[f"{what}: ours / floor"] = ratio(spent, OURS, FLOOR)
        figures |= {f"{what}: {name} / ours": ratio(spent, name, OURS) for name in rivals}
        medians = {name: Spread.of(values).median for name, values in spent.items()}
        logger.info("%s: %s", what, _microseconds(medians))
    return figures


def wide(directory: Path, rounds: int) -> Figures:
    """A thousand rows of thirty numbers into a linear model, as JSON and as one binary tensor."""
    starts = field(linear(directory, columns=30), [])
    payloads = {"JSON": rows(1000, 30), "binary": tensor(1000, 30)}
    return {
        f"wide {what}: ours / floor": ratio(
            warm(starts, payload, rounds=rounds, requests=20), OURS, FLOOR
        )
        for what, payload in payloads.items()
    }


def growth(directory: Path) -> dict[str, dict[str, float]]:
    """Of ours and of the floor, the exponents k of a + b * n^k: CPU time over rows and columns."""
    long = linear(directory / "long", columns=30)
    over_rows = {n: costs(long, rows(n, 30)) for n in (1, 100, 300, 1000, 3000, 10_000)}
    over_columns = {
        n: costs(linear(directory / "broad", columns=n), rows(300, n))
        for n in (2, 10, 30, 100, 300, 1000)
    }
    return {
        name: {
            "growth over rows": exponent({n: cost[name] for n, cost in over_rows.items()}),
            "growth over columns": exponent({n: cost[name] for n, cost in over_columns.items()}),
        }
        for name in (OURS, FLOOR)
    }


def costs(model: Path, payload: Payload) -> dict[str, float]:
    spent = warm(field(model, []), payload, rounds=7, requests=10)
    least = {name: min(seconds) for name, seconds in spent.items()}
    logger.info("%s, %d bytes: %s", model.parent.name, len(payload.body), _microseconds(least))
    return least


def _microseconds(costs: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds * 1e6:.0f} µs" for name, seconds in costs.items())


def exponent(costs: dict[int, float]) -> float:
    sizes, seconds = np.array(list(costs)), np.array(list(costs.values()))

    def curve(n: Array, a: float, b: float, k: float) -> Array:
        return a + b * n**k

    start = (seconds[0], seconds[-1] / sizes[-1], 1.0)
    (_, _, k), _ = curve_fit(curve, sizes, seconds, p0=start, sigma=seconds, maxfev=10_000)
    return float(k)


def rows(count: int, columns: int) -> Payload:
    body = orjson.dumps({"instances": _values(count, columns)}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Payload(body.decode())


def tensor(count: int, columns: int) -> Payload:
    """The same rows by the Open Inference Protocol's binary extension, answered likewise."""
    values = _values(count, columns)
    declared = {
        "name": "X",
        "datatype": "FP32",
        "shape": values.shape,
        "parameters": {"binary_data_size": values.nbytes},
    }
    header = orjson.dumps({"inputs": [declared], "parameters": {"binary_data_output": True}})
    return Payload(
        body=b64encode(header + values.tobytes()).decode(),
        path="/v2/models/linear-30/infer",
        headers={
            "content-type": "application/octet-stream",
            "inference-header-content-length": str(len(header)),
        },
        is_base64=True,
    )


def _values(count: int, columns: int) -> Array:
    return np.random.default_rng(0).random((count, columns), dtype=np.float32)


def _report(
    figures: Figures, exponents: dict[str, dict[str, float]], rounds: int
) -> dict[str, object]:
    packages = ("onnxruntime", "numpy", "orjson", "awslambdaric", "fastapi", "uvicorn")
    return {
        "machine": {"cpu": platform.machine(), "cores": os.cpu_count()},
        "python": platform.python_version(),
        "packages": {package: version(package) for package in packages},
        "rounds": rounds,
        "unit": "ratio of CPU time: median and quartiles of paired rounds",
        "exponents": exponents[OURS],
        "exponents of the floor": exponents[FLOOR],
        "figures": {name: asdict(spread) for name, spread in figures.items()},
    }


if __name__ == "__main__":
    main(sys.argv[1:])
