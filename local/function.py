"""A function: environments that start with its events and serve one at a time.

Concurrency, for the whole local cloud: callers block in `invoke`, each on its own thread (the HTTP
front's pool, an event source's slots). At most `concurrency` of them run at once and the others
wait their turn. A function costs nothing before its first event, never more than that many
processes, and none for long while others are busier: idle environments share one warm pool.
"""

from __future__ import annotations

import json
from contextlib import suppress
from threading import BoundedSemaphore, Lock
from typing import Self

from local.environment import Configuration, Environment
from local.errors import EventTooLargeError, FunctionClosedError, InvocationError
from local.runtime_api import PAYLOAD_LIMIT_BYTES
from local.warm_pool import WarmPool

CONCURRENCY = 2


class Function:
    """`invoke` raises InvocationError; the event after a lost environment starts another."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        concurrency: int = CONCURRENCY,
        warm_pool: WarmPool | None = None,
    ) -> None:
        self.configuration = configuration
        self.concurrency = concurrency
        self._turn = BoundedSemaphore(concurrency)
        self._lock = Lock()
        self._warm_pool = warm_pool or WarmPool()
        self._environments: set[Environment] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        return self.configuration.name

    def invoke(self, event: object) -> bytes:
        """The handler's answer, as the JSON text that the runtime made of it."""
        payload = json.dumps(event, ensure_ascii=False).encode()
        if len(payload) > PAYLOAD_LIMIT_BYTES:
            raise EventTooLargeError(
                f"{self.name}: expected an event of at most {PAYLOAD_LIMIT_BYTES} bytes, "
                f"got {len(payload)}"
            )
        with self._turn:
            environment = self._take()
            try:
                return environment.invoke(payload)
            finally:
                self._give_back(environment)

    def kill(self) -> None:
        """SIGKILL every environment, whatever it is doing."""
        with self._lock:
            for environment in self._environments:
                environment.kill()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            environments = list(self._environments)
            self._environments.clear()
        for environment in environments:
            environment.close()

    def discard(self, environment: Environment) -> None:
        with self._lock:
            owned = environment in self._environments
            self._environments.discard(environment)
        if owned:
            environment.close()

    def _take(self) -> Environment:
        while (environment := self._warm_pool.take(self)) is not None:
            # It may have ended since its last answer, which is no fault of this event.
            with suppress(InvocationError):
                environment.wait_until_idle()
                if environment.usable:
                    return environment
            self.discard(environment)
        return self._start()

    def _start(self) -> Environment:
        with self._lock:
            if self._closed:
                raise FunctionClosedError(f"{self.name}: the local cloud is shutting down")
            environment = Environment(self.configuration)
            self._environments.add(environment)
        try:
            environment.wait_until_idle()
        except BaseException:
            self.discard(environment)
            raise
        return environment

    def _give_back(self, environment: Environment) -> None:
        if environment.usable:
            self._warm_pool.put(self, environment)
        else:
            self.discard(environment)
