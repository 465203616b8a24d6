"""What it takes a fresh process to load a version and to answer its first golden row, in CPU time.

python -m registry.cold_load <version directory> <model>
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from serving.deployment import Deployment
from serving.golden import predict, read_golden
from serving.model import Model
from terminal.output import say


def cold_load_s(directory: Path, name: str) -> float:
    golden = read_golden(directory)
    started_s = time.process_time()
    model = Model.load(Deployment(directory, name, 1))
    if golden is not None:
        predict(model, golden.instances[:1])
    return time.process_time() - started_s


if __name__ == "__main__":
    say(str(cold_load_s(Path(sys.argv[1]), sys.argv[2])))
