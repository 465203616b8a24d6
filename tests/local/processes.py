"""Processes, looked at from outside."""

from __future__ import annotations

import os
import subprocess


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def descendants(ancestor: int) -> set[int]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True
    )
    parents = {}
    for line in listing.stdout.splitlines():
        pid, parent = map(int, line.split())
        parents[pid] = parent
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {ancestor}
