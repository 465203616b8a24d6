"""The command line of a training script: one interface, whatever the model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def run(
    publish: Callable[[Path, int], None], evaluate: Callable[[Path], bytes], *, seed: int
) -> None:
    """`publish` writes a version, given its directory and a seed; `evaluate` measures one."""
    parser = argparse.ArgumentParser(description="Train or measure a version of this model.")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--out", type=Path, help="the version directory to write")
    task.add_argument("--evaluate", type=Path, help="the version directory to measure")
    parser.add_argument("--seed", type=int, default=seed, help="of training (default: %(default)s)")
    options = parser.parse_args()
    if options.out is not None:
        publish(options.out, options.seed)
    else:
        sys.stdout.write(evaluate(options.evaluate).decode())
