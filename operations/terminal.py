"""What is found goes to standard output, for people and for pipes; the sum of it beside that."""

from __future__ import annotations

import sys


def say(finding: str) -> None:
    sys.stdout.write(f"{finding}\n")
    sys.stdout.flush()  # whoever reads a pipe sees each finding when it is found


def sum_up(text: str) -> None:
    sys.stderr.write(f"{text}\n")
