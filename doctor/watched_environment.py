"""An execution environment of the local cloud whose process is looked at from outside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

from doctor.work import Work
from local.environment import Configuration, Environment
from terminal.signals import uninterrupted

# A busy machine is no slow model: the stage's timeout is held against CPU time, afterwards.
PATIENCE_S = 300.0


class Start(NamedTuple):
    """From the start of a process to its readiness for an event."""

    work: Work
    peak_mib: float


class Served(NamedTuple):
    """An event, and all that it took until the next could come; `peak_mib` is its own."""

    answer: bytes
    work: Work
    peak_mib: float


class WatchedEnvironment:
    """A context manager, in which the function is ready; raises InvocationError as an Environment
    does. `start` says what it took."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def __enter__(self) -> Self:
        self._resources = ExitStack()
        try:
            # Cut short, it would leave a process behind that nobody knows of.
            with uninterrupted():
                self._open()
            self._environment.wait_until_idle()
            self.start = Start(self._work_since({}), self._environment.peak_mib)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            self._resources.close()

    def _open(self) -> None:
        self._temporary = Path(self._resources.enter_context(TemporaryDirectory()))
        variables = {**self._configuration.variables, "TMPDIR": str(self._temporary)}
        self._environment = _Environment(
            replace(self._configuration, variables=variables, timeout_s=PATIENCE_S)
        )
        self._resources.callback(self._environment.close)

    def measured(self, event: bytes) -> Served:
        self._environment.forget_peak()
        before = self._environment.cpu_s_by_thread()
        answer = self._environment.invoke(event)
        self._environment.wait_until_idle()
        return Served(answer, self._work_since(before), self._environment.peak_mib)

    def _work_since(self, before: Mapping[str, float]) -> Work:
        now = self._environment.cpu_s_by_thread()
        spent = [cpu_s - before.get(thread, 0.0) for thread, cpu_s in now.items()]
        return Work(sum(spent), max(spent))

    @property
    def resident_mib(self) -> float:
        """While it has nothing to do."""
        self._environment.forget_peak()
        return self._environment.peak_mib

    @property
    def temporary_bytes(self) -> int:
        """What lies in its directory for temporary files."""
        files = self._temporary.rglob("*")
        return sum(path.stat().st_size for path in files if path.is_file())


class _Environment(Environment):
    def cpu_s_by_thread(self) -> dict[str, float]:
        """Of those that live: the functions' threads end with them."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        # https://docs.kernel.org/scheduler/sched-stats.html: time on the CPU comes first.
        return {task.name: int((task / "schedstat").read_text().split()[0]) / 1e9 for task in tasks}

    @property
    def peak_mib(self) -> float:
        """Resident, since the process began or its peak was forgotten."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        [peak_kib] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak_kib) / 1024

    def forget_peak(self) -> None:
        """What is resident now is the peak, until there is more."""
        # https://docs.kernel.org/filesystems/proc.html: 5 resets the peak.
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")
