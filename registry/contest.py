"""A contest: candidates take turns at the same work, so that all see the same machine."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from registry.errors import RegistryError
from serving.feeds import Feeds
from serving.model import Model

ROUNDS = 15
COLD_ROUNDS = 9
# Shorter ones would measure the clock.
SAMPLE_S = 0.01

# Seconds of CPU time by candidate, round by round.
Times = Mapping[str, Sequence[float]]


def warm_times(models: Mapping[str, Model], feeds: Feeds, length: int) -> Times:
    """Of predicting the rows, each alone and then all together."""
    repeats = _repeats(next(iter(models.values())), feeds, length)
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(ROUNDS):
        for name in _in_turn([*models], turn):
            times[name].append(_sample(models[name], feeds, length, repeats) / repeats)
    return times


def cold_times(directories: Mapping[str, Path], name: str) -> Times:
    """Of loading model `name` in a fresh process and answering its first golden row."""
    times: dict[str, list[float]] = {candidate: [] for candidate in directories}
    for turn in range(COLD_ROUNDS):
        for candidate in _in_turn([*directories], turn):
            times[candidate].append(_cold_load_s(directories[candidate], name))
    return times


def _in_turn(names: list[str], turn: int) -> list[str]:
    """Each round begins with another one."""
    first = turn % len(names)
    return names[first:] + names[:first]


def _repeats(model: Model, feeds: Feeds, length: int) -> int:
    _sample(model, feeds, length, 1)  # the first run allocates
    return math.ceil(SAMPLE_S / max(_sample(model, feeds, length, 1), 1e-6))


def _sample(model: Model, feeds: Feeds, length: int, repeats: int) -> float:
    rows = [{name: array[row : row + 1] for name, array in feeds.items()} for row in range(length)]
    started_s = time.process_time()
    for _ in range(repeats):
        for row in rows:
            model.predict(row, 1)
        model.predict(feeds, length)
    return time.process_time() - started_s


def _cold_load_s(directory: Path, name: str) -> float:
    command = [sys.executable, "-m", "registry.cold_load", str(directory), name]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RegistryError(f"{directory}: expected a version that loads: {finished.stderr}")
    return float(finished.stdout)
