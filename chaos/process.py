"""A process of the function: one invocation on a thread that rests before each call to AWS."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread, local

_here = local()


class GoneError(BaseException):
    """The process is gone: nothing that comes after this call happens."""


class Process:
    """Runs from one rest to the next, so that who goes on is decided outside.

    It has its own time: what its calls and its work take, while others run beside it.
    """

    def __init__(self, name: str, run: Callable[[], object], *, started_s: float) -> None:
        self._run = run
        self._go = Lock()
        self._rests = Lock()
        self._go.acquire()
        self._rests.acquire()
        self.name = name
        self.started_s = self.now_s = started_s
        self.is_alive = True
        self.is_gone = False
        self.answer: object = None
        self.error: Exception | None = None
        Thread(target=self._work, daemon=True).start()
        self._rests.acquire()

    @property
    def elapsed_s(self) -> float:
        return self.now_s - self.started_s

    def step(self) -> None:
        """Let the call that it rests before take effect, and go on until the next, or the end."""
        self._go.release()
        self._rests.acquire()

    def rest(self) -> None:
        """Called on the process's own thread. Raises GoneError."""
        if not self.is_gone:
            self._rests.release()
            self._go.acquire()
        if self.is_gone:
            raise GoneError

    def kill(self) -> None:
        """End it where it rests."""
        self.is_gone = True
        self.step()

    def die(self) -> None:
        """Called on the process's own thread: end it here. Raises GoneError."""
        self.is_gone = True
        raise GoneError

    def _work(self) -> None:
        _here.process = self
        try:
            self.rest()
            self.answer = self._run()
        except GoneError:
            pass
        except Exception as error:  # noqa: BLE001 - Lambda catches everything, too
            self.error = error
        self.is_alive = False
        self._rests.release()


def this_process() -> Process:
    """That of the calling thread; raises RuntimeError where the thread is none's."""
    process: Process | None = getattr(_here, "process", None)
    if process is None:
        raise RuntimeError("expected calls to AWS on the handler's own thread, got one elsewhere")
    return process
