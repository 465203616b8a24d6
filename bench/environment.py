"""Environments of rivals whose requirements exclude ours; uv makes them in .tools when asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.contestant import ROOT

# The newest Python that MLServer runs on; older ones are used as they are.
NEWEST_PYTHON = (3, 12)


def environment(server: str) -> Path:
    """The environment of bench/<server>, with what its requirements.txt pins."""
    directory = ROOT / ".tools" / server
    pins = ROOT / "bench" / server / "requirements.txt"
    installed = directory / "installed"
    if not installed.exists() or installed.stat().st_mtime < pins.stat().st_mtime:
        python = ".".join(map(str, min(sys.version_info[:2], NEWEST_PYTHON)))
        _uv("venv", "--clear", "--python", python, str(directory))
        target = ["--python", str(directory / "bin" / "python")]
        _uv("pip", "install", "--require-hashes", *target, "--requirement", str(pins))
        installed.touch()
    return directory


def _uv(*arguments: str) -> None:
    subprocess.run(["uv", *arguments, "--quiet"], check=True)  # noqa: S607 - on the path, as in make
