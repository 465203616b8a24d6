"""A handler whose start takes more memory than any of its events.

A module for awslambdaric, which imports it in a process of its own.
"""

from __future__ import annotations

MIB = 1024 * 1024


def handler(event: dict[str, int], _context: object) -> int:
    """Hold as many MiB as the event says, for as long as it lasts."""
    return len(_held(event["mib"]))


def _held(mib: int) -> bytes:
    return b"x" * (mib * MIB)


_held(300)
