"""Deliveries side by side, their calls to storage in an order that a test chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Semaphore, Thread

from tests.unit.delivery.memory import Around

Choose = Callable[[int], int]

# The inbox stays as it is in a race, and these files have no parts: in which order such calls come
# makes no difference, and each would double the courses that there are.
INDEPENDENT = frozenset({"open", "is_later", "remove"})


class CrashError(Exception):
    """The process is gone: nothing that comes after this call happens."""


class Worker:
    """A delivery on its own thread that rests before each call until it is told to go on."""

    def __init__(self, deliver: Callable[[Around], object]) -> None:
        self._deliver = deliver
        self._go = Semaphore(0)
        self._rests = Semaphore(0)
        self._crashes = False
        self._error: Exception | None = None
        self.resting_before: str | None = None
        Thread(target=self._run, daemon=True).start()
        self._wait()

    @property
    def is_alive(self) -> bool:
        return self.resting_before is not None

    def step(self) -> None:
        """Let the call take effect, and go on until the next one or the end."""
        self._go.release()
        self._wait()

    def crash(self) -> None:
        """End the process where it rests."""
        self._crashes = True
        self.step()

    def _wait(self) -> None:
        self._rests.acquire()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._deliver(self._around)
        except CrashError:
            pass
        except Exception as error:  # noqa: BLE001 - raised again on the test's own thread
            self._error = error
        self.resting_before = None
        self._rests.release()

    @contextmanager
    def _around(self, call: str) -> Iterator[None]:
        if call in INDEPENDENT:
            yield
            return
        self.resting_before = call
        self._rests.release()
        self._go.acquire()
        if self._crashes:
            raise CrashError(call)
        yield


def run_together(
    deliveries: Sequence[Callable[[Around], object]], choose: Choose, *, crashes: int
) -> None:
    """Run deliveries to their ends, or to one of at most `crashes` crashes, as `choose` decides."""
    workers = [Worker(deliver) for deliver in deliveries]
    while alive := [worker for worker in workers if worker.is_alive]:
        choice = choose(len(alive) * (2 if crashes else 1))
        if choice < len(alive):
            alive[choice].step()
        else:
            alive[choice - len(alive)].crash()
            crashes -= 1


def every_course(run: Callable[[Choose], None]) -> int:
    """Repeat `run` until each of its choices has been made in each way; says how often it ran."""
    course: list[int] = []
    runs = 0
    while True:
        made: list[tuple[int, int]] = []

        def choose(
            options: int, course: list[int] = course, made: list[tuple[int, int]] = made
        ) -> int:
            chosen = course[len(made)] if len(made) < len(course) else 0
            made.append((chosen, options))
            return chosen

        run(choose)
        runs += 1
        while made and made[-1][0] + 1 == made[-1][1]:
            made.pop()
        if not made:
            return runs
        course = [chosen for chosen, _ in made[:-1]] + [made[-1][0] + 1]
