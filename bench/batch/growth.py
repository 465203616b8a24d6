"""How the cost of scoring grows: CPU time over rows, columns and files, fitted by a + b * n^k."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import curve_fit

from bench.batch import inputs
from bench.batch.contest import compete
from bench.batch.contestants import Contestant
from bench.batch.turn import Files
from bench.models import linear
from serving.coercion import Array

ROWS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
COLUMNS = (10, 30, 100, 300, 1000)
FILES = (1, 3, 10, 30, 100, 300, 1000)
NARROW = 10
# Rows that all numbers of files have together, and cells that all numbers of columns have.
ROWS_IN_ALL = 100_000
CELLS = 3_000_000
MILLISECONDS = 1e3


@dataclass(frozen=True, slots=True)
class Point:
    """What is scored for a size `n`, and into how many pieces its CPU time is divided."""

    n: int
    files: Files
    pieces: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The cost of n pieces is a + b * n^k; a and b in milliseconds."""

    a: float
    b: float
    k: float


def growth(
    contestants: Mapping[str, Contestant], directory: Path, *, rounds: int, scale: float
) -> dict[str, dict[str, Fit]]:
    """Fits by what grows, and by contestant. With a `scale` below one, files have fewer rows."""
    return {
        what: _fitted(contestants, [*points(directory, scale)], rounds)
        for what, points in SERIES.items()
    }


def _over_rows(directory: Path, scale: float) -> Iterator[Point]:
    """Small files several times, so that every size is as much work."""
    model = linear(directory / "rows", columns=NARROW)
    most = ROWS[-1]
    for count in ROWS:
        source = _csv(directory, round(scale * count), NARROW)
        yield Point(count, _files(model, source, most // count), most // count)


def _over_columns(directory: Path, scale: float) -> Iterator[Point]:
    """The cost of a row."""
    for count in COLUMNS:
        rows = round(scale * CELLS) // count
        model = linear(directory / "columns", columns=count)
        yield Point(count, _files(model, _csv(directory, rows, count), 1), rows)


def _over_files(directory: Path, scale: float) -> Iterator[Point]:
    """The cost of all."""
    model = linear(directory / "files", columns=NARROW)
    for count in FILES:
        source = _csv(directory, round(scale * ROWS_IN_ALL) // count, NARROW)
        yield Point(count, _files(model, source, count), 1)


SERIES: Mapping[str, Callable[[Path, float], Iterator[Point]]] = {
    "rows": _over_rows,
    "columns": _over_columns,
    "files": _over_files,
}


def _csv(directory: Path, rows: int, columns: int) -> Path:
    return inputs.write(inputs.numbers(rows, columns), directory / f"{rows}x{columns}.csv")


def _files(model: Path, source: Path, count: int) -> Files:
    return Files(model, (source,) * count, source.with_stem("grown"))


def _fitted(
    contestants: Mapping[str, Contestant], points: list[Point], rounds: int
) -> dict[str, Fit]:
    turns = compete(
        {
            f"{name} {point.n}": (contestant, point.files)
            for point in points
            for name, contestant in contestants.items()
        },
        rounds=rounds,
    )
    return {
        name: _fit(
            {
                point.n: min(turn.cpu_s for turn in turns[f"{name} {point.n}"]) / point.pieces
                for point in points
            }
        )
        for name in contestants
    }


def _fit(costs_s: Mapping[int, float]) -> Fit:
    sizes = np.array([*costs_s])
    costs = np.array([*costs_s.values()]) * MILLISECONDS

    def curve(n: Array, a: float, b: float, k: float) -> Array:
        return a + b * n**k

    start = (costs[0], costs[-1] / sizes[-1], 1.0)
    (a, b, k), _ = curve_fit(curve, sizes, costs, p0=start, sigma=costs, maxfev=10_000)
    return Fit(float(a), float(b), float(k))
