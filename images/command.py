"""Commands of others: their output where it is asked for, their complaint where they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from images.errors import EngineError

# From variables to the command that runs a container with them.
Launch = Callable[[Mapping[str, str]], list[str]]

# Whoever Lambda runs images as, it owns nothing in them.
NOBODY = "65534:65534"
# What fails says why at its end.
COMPLAINT_LINES = 20


def run(command: Sequence[str], *, directory: Path | None = None) -> str:
    """Its standard output. Raises EngineError with the end of what it said."""
    try:
        process = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError as error:
        raise EngineError(f"{command[0]}: expected this command on the path") from error
    if process.returncode:
        said = (process.stdout + process.stderr).strip().splitlines()[-COMPLAINT_LINES:]
        raise EngineError(
            f"{' '.join(command[:2])}: expected it to succeed, got exit code "
            f"{process.returncode}:\n" + "\n".join(said)
        )
    return process.stdout


def assigned(variables: Mapping[str, str]) -> list[str]:
    """As engines take them."""
    return [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
