"""A process tree, and the CPU time that it has used."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
NANOSECONDS = 1e9


class ProcessTree:
    """One process, and all that it and they have started and still run."""

    def __init__(self, command: Sequence[str], *, cwd: Path, variables: Mapping[str, str]) -> None:
        # Orphans of the tree come to us when its root dies, and their CPU time with them.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def cpu_s(self) -> float:
        """CPU seconds of all living threads, user and system, to the nanosecond."""
        threads = (thread for process in self._processes() for thread in _threads(process))
        return sum(map(_thread_cpu_s, threads))

    def stop(self) -> float:
        """Kill the tree; the CPU seconds of its whole life, user and system."""
        processes = list(self._processes())
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.returncode = -signal.SIGKILL  # reaped below, not by subprocess
        return sum(map(_reap, processes))

    def _processes(self) -> Iterator[int]:
        """Parents come before their children."""
        pending = [self._process.pid]
        while pending:
            process = pending.pop()
            yield process
            for thread in _threads(process):
                pending.extend(map(int, (thread / "children").read_text().split()))


def _thread_cpu_s(thread: Path) -> float:
    # https://docs.kernel.org/scheduler/sched-stats.html: time on the CPU comes first.
    return int((thread / "schedstat").read_text().split()[0]) / NANOSECONDS


def _threads(process: int) -> Iterator[Path]:
    return Path(f"/proc/{process}/task").iterdir()


def _reap(process: int) -> float:
    """The CPU seconds of a process that is ours, or its dead parent's, and of those it reaped."""
    try:
        _, _, usage = os.wait4(process, 0)
    except ChildProcessError:
        return 0.0  # its parent was faster, and has its seconds
    return usage.ru_utime + usage.ru_stime
