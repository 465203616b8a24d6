"""What was measured: ratios between contestants, and the absolute figures they come from."""

from __future__ import annotations

import json
import logging
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

from bench.batch.contest import Turns
from bench.batch.growth import Fit
from bench.batch.turn import Turn
from bench.contest import Spread

PACKAGES = ("onnxruntime", "numpy", "pyarrow", "orjson", "pandas", "fastapi", "uvicorn")
logger = logging.getLogger("bench")


@dataclass(frozen=True, slots=True)
class Measured:
    """One contestant's figures, of its process or the function's."""

    rows_per_s: Spread
    cpu_s_per_million_rows: Spread
    peak_mib: float

    @classmethod
    def of(cls, turns: list[Turn], rows: int) -> Measured:
        return cls(
            rows_per_s=Spread.of([rows / turn.wall_s for turn in turns]),
            cpu_s_per_million_rows=Spread.of([turn.cpu_s * 1e6 / rows for turn in turns]),
            peak_mib=max(turn.peak_mib for turn in turns),
        )

    def __str__(self) -> str:
        return (
            f"{self.rows_per_s.median:9,.0f} rows/s  "
            f"{self.cpu_s_per_million_rows.median:6.2f} CPU s per million rows  "
            f"peak {self.peak_mib:4.0f} MiB"
        )


@dataclass(slots=True)
class Report:
    rounds: int
    load_averages: list[float] = field(default_factory=list)
    figures: dict[str, Spread] = field(default_factory=dict)
    measured: dict[str, dict[str, Measured]] = field(default_factory=dict)
    growth: Mapping[str, Mapping[str, Fit]] = field(default_factory=dict)
    planner_mb_per_s: dict[str, Spread] = field(default_factory=dict)
    usd_per_million_rows: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, turns: Turns, rows: int) -> None:
        self.measured[what] = {name: Measured.of(each, rows) for name, each in turns.items()}
        self.note_load()
        for name, measured in self.measured[what].items():
            logger.info("%-25s %-20s %s", what, name, measured)

    def note_load(self) -> None:
        self.load_averages.append(os.getloadavg()[0])

    def lines(self) -> Iterable[str]:
        """What is known once all is measured."""
        yield from (f"{what:62} {figure}" for what, figure in self.figures.items())
        for what, fits in self.growth.items():
            for name, fit in fits.items():
                yield f"growth over {what:8} {name:6} k = {fit.k:.3f}, b = {fit.b:.3g} ms"
        for what, speed in self.planner_mb_per_s.items():
            yield f"planning, {what:20} {speed.median:.0f} MB/s"
        for what, price in self.usd_per_million_rows.items():
            yield f"{what:25} ${price:.5f} per million rows by the model of Lambda's prices"
        loads = ", ".join(f"{load:.1f}" for load in self.load_averages)
        yield f"load averages along the way: {loads}"

    def write(self, path: Path) -> None:
        document = {
            "machine": {"cpu": platform.machine(), "cores": os.cpu_count()},
            "python": platform.python_version(),
            "packages": {package: version(package) for package in PACKAGES},
            "unit": "figures are ratios: median and quartiles of paired rounds",
            **asdict(self),
        }
        path.write_text(json.dumps(document, indent=2) + "\n")
