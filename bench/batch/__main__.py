"""`python -m bench.batch`: files scored beside a bare loop and rivals, and how the cost grows."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.batch import field, inputs
from bench.batch.contest import compete, compete_over, cpu, speed
from bench.batch.field import END_TO_END, FLOOR, MINI_BATCHES, ONE_THREAD, OURS, PANDAS
from bench.batch.growth import growth
from bench.batch.price import Job, usd_per_million_rows
from bench.batch.report import Report
from bench.batch.turn import Files
from bench.contest import Spread
from bench.contestant import THREADS
from bench.models import boosted_trees

PATH = Path(__file__).parents[1] / "batch_report.json"
ROWS_BY_COLUMNS = {11: 1_000_000, 200: 100_000}
ENDINGS = {"csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet"}
PLANNED_BYTES = 10**9
PLAIN, BAD_ROWS, QUOTED = "plain", "1 % bad rows", "all cells quoted"
logger = logging.getLogger("bench")


@dataclass(frozen=True, slots=True)
class Bench:
    """`scale` is the fraction of the rows that files have; below one it is only a trial."""

    directory: Path
    report: Report
    rounds: int
    scale: float

    def run(self) -> None:
        for columns in ROWS_BY_COLUMNS:
            model = boosted_trees(self.directory, columns=columns)
            for ending in ENDINGS:
                self.formats(model, columns, ending)
            self.rivals(model, columns)
        model = self.directory / "trees-11" / "1"
        self.hard_csv(model)
        self.planning(model)
        with field.pair() as both:
            self.report.growth = growth(both, self.directory, rounds=self.rounds, scale=self.scale)
        self.report.note_load()

    def formats(self, model: Path, columns: int, ending: str) -> None:
        rows = self._rows(columns)
        source = inputs.write(inputs.numbers(rows, columns), self.directory / f"{columns}.{ending}")
        with field.with_the_floor(model, self.directory) as contestants:
            turns = compete_over(contestants, model, source, rounds=self.rounds)
        what = _named(rows, columns, ending)
        self.report.add(what, turns, rows)
        self.report.figures |= {
            f"{what}: speed of ours / floor": speed(turns, OURS, FLOOR),
            f"{what}: CPU of ours / floor": cpu(turns, OURS, FLOOR),
            f"{what}: speed of ours / floor on one thread": speed(turns, OURS, ONE_THREAD),
            f"{what}: speed of ours end to end / floor": speed(turns, END_TO_END, FLOOR),
            f"{what}: CPU of ours end to end / floor": cpu(turns, END_TO_END, FLOOR),
        }
        cpu_s = median(turn.cpu_s for turn in turns[END_TO_END])
        size = source.stat().st_size
        job = Job(rows, cpu_s, input_bytes=size, output_bytes=size)
        self.report.usd_per_million_rows[what] = usd_per_million_rows(job)
        source.unlink()

    def rivals(self, model: Path, columns: int) -> None:
        """Over a tenth of the rows: they take their time."""
        rows = self._rows(columns) // 10
        source = inputs.write(inputs.numbers(rows, columns), self.directory / "rivals.csv")
        with field.with_rivals(model) as contestants:
            turns = compete_over(contestants, model, source, rounds=self.rounds)
        what = _named(rows, columns, "csv")
        self.report.add(what, turns, rows)
        for rival in (PANDAS, MINI_BATCHES):
            self.report.figures |= {
                f"{what}: speed of ours / {rival}": speed(turns, OURS, rival),
                f"{what}: CPU of {rival} / ours": cpu(turns, rival, OURS),
            }

    def hard_csv(self, model: Path) -> None:
        rows = self._rows(11)
        table = inputs.numbers(rows, 11)
        target = self.directory / "scored.csv"
        sources = {
            PLAIN: inputs.write(table, self.directory / "plain.csv"),
            BAD_ROWS: inputs.write_with_bad_rows(table, self.directory / "bad.csv"),
            QUOTED: inputs.write_quoted(table, self.directory / "quoted.csv"),
        }
        with field.alone() as mine:
            turns = compete(
                {name: (mine, Files(model, (path,), target)) for name, path in sources.items()},
                rounds=self.rounds,
            )
        self.report.add("CSV, ours alone", turns, rows)
        for harder in (BAD_ROWS, QUOTED):
            self.report.figures |= {
                f"CSV: speed with {harder} / plain": speed(turns, harder, PLAIN),
                f"CSV: CPU with {harder} / plain": cpu(turns, harder, PLAIN),
            }

    def planning(self, model: Path) -> None:
        """Of what `hard_csv` has left behind, again and again."""
        size_bytes = round(self.scale * PLANNED_BYTES)
        sources = {
            name: inputs.repeat(
                self.directory / f"{name}.csv",
                self.directory / f"{name}-large.csv",
                size_bytes=size_bytes,
            )
            for name in ("plain", "quoted")
        }
        target = self.directory / "spans.txt"
        with field.planner() as planner:
            turns = compete(
                {name: (planner, Files(model, (path,), target)) for name, path in sources.items()},
                rounds=self.rounds,
            )
        self.report.planner_mb_per_s = {
            name: Spread.of([sources[name].stat().st_size / turn.wall_s / 1e6 for turn in each])
            for name, each in turns.items()
        }
        self.report.note_load()

    def _rows(self, columns: int) -> int:
        return round(self.scale * ROWS_BY_COLUMNS[columns])


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.batch", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the rows, for trials")
    parser.add_argument("--report", type=Path, default=PATH)
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    # Processes inherit it; numeric libraries read it when they are imported.
    os.environ.update(THREADS)
    report = Report(options.rounds)
    report.note_load()
    with tempfile.TemporaryDirectory() as directory:
        Bench(Path(directory), report, options.rounds, options.scale).run()
    for line in report.lines():
        logger.info("%s", line)
    report.write(options.report)


def _named(rows: int, columns: int, ending: str) -> str:
    return f"{rows:,} x {columns}, {ENDINGS[ending]}"


if __name__ == "__main__":
    main(sys.argv[1:])
