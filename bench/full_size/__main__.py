"""Measures the models that bench.full_size.build built, against a bare session.

python -m bench.full_size DIRECTORY
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from terminal.output import say

REPEATS = 3
COLUMNS = {
    "init_cpu_s": "init, CPU s",
    "init_wall_s": "init, wall s",
    "init_memory_mib": "peak of init, MiB",
    "short_cpu_ms": "7 tokens, CPU ms",
    "long_cpu_ms": "256 tokens, CPU ms",
    "batch_cpu_ms": "32 x 7 tokens, CPU ms",
    "memory_mib": "peak, MiB",
}


def main() -> None:
    models = sorted(path.parent for path in Path(sys.argv[1]).glob("*/1"))
    say("| model | " + " | ".join(COLUMNS.values()) + " |")
    say("|---|" + "---:|" * len(COLUMNS))
    for model in models:
        for kind, report in measured(model).items():
            cells = " | ".join(f"{report[name]:,.2f}" for name in COLUMNS)
            say(f"| {model.name}, {kind} | {cells} |")


def measured(model: Path) -> dict[str, dict[str, float]]:
    """Medians of fresh processes, ours and bare by turns."""
    rounds = [{kind: probe(kind, model / "1") for kind in ["bare", "ours"]} for _ in range(REPEATS)]
    return {
        kind: {name: median(turn[kind][name] for turn in rounds) for name in COLUMNS}
        for kind in ["bare", "ours"]
    }


def probe(kind: str, version: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.full_size.probe", kind, str(version)]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    report: dict[str, float] = json.loads(output)
    return report


if __name__ == "__main__":
    main()
