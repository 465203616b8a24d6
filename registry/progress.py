"""Progress of what takes long, for whoever watches a terminal."""

from __future__ import annotations

import sys
from typing import Self

BAR_CHARACTERS = 30
MEBIBYTE = 1024 * 1024


class Progress:
    """A bar on standard error, if that is a terminal; nothing anywhere else."""

    def __init__(self, name: str, done_bytes: int, size_bytes: int) -> None:
        self._name = name
        self._done_bytes = done_bytes
        self._size_bytes = size_bytes
        self._is_seen = sys.stderr.isatty()

    def __enter__(self) -> Self:
        self.advance(0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_seen:
            sys.stderr.write("\n")

    def advance(self, more_bytes: int) -> None:
        self._done_bytes += more_bytes
        if self._is_seen:
            sys.stderr.write(f"\r{self}")
            sys.stderr.flush()

    def __str__(self) -> str:
        filled = BAR_CHARACTERS * self._done_bytes // max(self._size_bytes, 1)
        bar = "#" * filled + "." * (BAR_CHARACTERS - filled)
        done, size = (n / MEBIBYTE for n in (self._done_bytes, self._size_bytes))
        return f"{self._name}  {bar}  {done:.1f} of {size:.1f} MiB"
