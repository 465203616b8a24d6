"""An execution environment of the local cloud whose process is looked at from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

from doctor.work import Work
from local.environment import Configuration, Environment

# A busy machine is no slow model: the stage's timeout is held against CPU time, afterwards.
PATIENCE_S = 300.0


class Start(NamedTuple):
    """From the start of a process to its readiness for an event."""

    work: Work
    peak_mib: float


class WatchedEnvironment:
    """A context manager, in which the function is ready; raises InvocationError as an Environment
    does. `start` says what it took."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    def __enter__(self) -> Self:
        self._temporary = TemporaryDirectory()
        variables = {**self._configuration.variables, "TMPDIR": self._temporary.name}
        self._environment = _Environment(
            replace(self._configuration, variables=variables, timeout_s=PATIENCE_S)
        )
        try:
            self._environment.wait_until_idle()
        except BaseException:
            self.__exit__()
            raise
        self.start = Start(self._work_since({}), self.peak_mib)
        return self

    def __exit__(self, *_: object) -> None:
        self._environment.close()
        self._temporary.cleanup()

    def measured(self, event: bytes) -> tuple[bytes, Work]:
        """The answer to an event, and all that it took until the next could come."""
        before = self._environment.cpu_s_by_thread()
        answer = self._environment.invoke(event)
        self._environment.wait_until_idle()
        return answer, self._work_since(before)

    def _work_since(self, before: Mapping[str, float]) -> Work:
        now = self._environment.cpu_s_by_thread()
        spent = [cpu_s - before.get(thread, 0.0) for thread, cpu_s in now.items()]
        return Work(sum(spent), max(spent))

    @property
    def peak_mib(self) -> float:
        return self._environment.peak_kib / 1024

    @property
    def temporary_bytes(self) -> int:
        """What lies in its directory for temporary files."""
        files = Path(self._temporary.name).rglob("*")
        return sum(path.stat().st_size for path in files if path.is_file())


class _Environment(Environment):
    def cpu_s_by_thread(self) -> dict[str, float]:
        """Of those that live: the functions' threads end with them."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        # https://docs.kernel.org/scheduler/sched-stats.html: time on the CPU comes first.
        return {task.name: int((task / "schedstat").read_text().split()[0]) / 1e9 for task in tasks}

    @property
    def peak_kib(self) -> int:
        """Resident, since the process began."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak)
