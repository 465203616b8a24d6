"""What is found goes to standard output, for people and for pipes; the sum of it beside that."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def say(finding: str) -> None:
    sys.stdout.write(f"{finding}\n")
    sys.stdout.flush()  # whoever reads a pipe sees each finding when it is found


def sum_up(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; numbers are aligned by whoever writes them."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
