"""A model's train.py, run in the environment that has what training needs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from registry.errors import TrainingError
from registry.quality import Quality

FILE_NAME = "train.py"


class TrainingScript:
    """`train.py --out <version directory> [--seed n]` writes model.onnx, golden.json and
    quality.json; `train.py --evaluate <version directory>` writes quality.json to standard output,
    measured on the same rows."""

    def __init__(self, path: Path, python: Path) -> None:
        if not path.is_file():
            raise TrainingError(f"{path}: expected a script that trains the model, found none")
        self._path = path
        self._python = python

    def train(self, version_directory: Path, *, seed: int | None) -> None:
        """What the script says is for whoever watches."""
        seeded = [] if seed is None else ["--seed", str(seed)]
        self._run(["--out", str(version_directory), *seeded])

    def evaluate(self, version_directory: Path) -> Quality:
        output = self._run(["--evaluate", str(version_directory)], stdout=subprocess.PIPE)
        return Quality.parse(output, source=f"{self._path} --evaluate {version_directory}")

    def _run(self, arguments: list[str], *, stdout: int | None = None) -> bytes:
        command = [str(self._python), str(self._path), *arguments]
        try:
            finished = subprocess.run(command, stdout=stdout, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise TrainingError(f"{self._path}: expected it to succeed: {error}") from error
        return finished.stdout or b""
