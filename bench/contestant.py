"""Contestants: the same model behind different doors, each in a process of its own."""

from __future__ import annotations

import http.client
import json
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from bench.process import ProcessTree
from local.runtime_api import Answered, Idle, Invocation, Mailbox, RuntimeApi

ROOT = Path(__file__).parent.parent
START_TIMEOUT_S = 60.0
POLL_INTERVAL_S = 0.01
# The same for all: one thread for each numeric library, as the images have it.
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class ContestError(Exception):
    """A contestant did not take part as it should."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A request, for any door; only functions take headers, and bodies in base64."""

    body: str
    path: str = "/predict"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_base64: bool = False


class Contestant(ABC):
    """A context manager: started on entry, killed on exit."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def answer(self, payload: Payload) -> bytes:
        """The response's body, as it comes; raises ContestError unless it is a success."""

    @abstractmethod
    def cpu_s(self) -> float:
        """CPU seconds so far."""

    @abstractmethod
    def stop(self) -> float:
        """Kill it; CPU seconds of its whole life."""


Start = Callable[[], Contestant]


class LambdaContestant(Contestant):
    """A handler under the official runtime client, fed by a Runtime API on loopback."""

    def __init__(self, handler: str, *, search: Path, variables: Mapping[str, str]) -> None:
        self._mailbox: Mailbox = SimpleQueue()
        self._api = RuntimeApi(self._mailbox)
        self._tree = ProcessTree(
            [sys.executable, "-m", "awslambdaric", handler],
            cwd=ROOT,
            variables={
                **THREADS,
                "PYTHONPATH": f"{ROOT}:{search}",
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "AWS_LAMBDA_FUNCTION_NAME": "bench",
                "AWS_LAMBDA_FUNCTION_VERSION": "1",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_REGION": "us-east-1",
                "_HANDLER": handler,
                **variables,
            },
        )
        self._expect_idle()

    def answer(self, payload: Payload) -> bytes:
        self._api.hand_over(_invocation(payload))
        notice = self._mailbox.get(timeout=START_TIMEOUT_S)
        if not isinstance(notice, Answered):
            raise ContestError(f"expected an answer, got {notice}")
        self._expect_idle()
        answer = json.loads(notice.payload)
        if answer["statusCode"] != http.client.OK:
            raise ContestError(f"expected status 200, got {answer}")
        return str(answer["body"]).encode()

    def cpu_s(self) -> float:
        return self._tree.cpu_s()

    def stop(self) -> float:
        spent = self._tree.stop()
        self._api.close()
        return spent

    def _expect_idle(self) -> None:
        notice = self._mailbox.get(timeout=START_TIMEOUT_S)
        if not isinstance(notice, Idle):
            raise ContestError(f"expected a request for work, got {notice}")


class ServerContestant(Contestant):
    """An HTTP server on `port`, asked over one kept connection; `ready` is a path that answers 200
    when it takes requests, of servers that listen before they do, and `translate` what makes a
    request its own."""

    def __init__(
        self,
        command: list[str],
        *,
        port: int,
        variables: Mapping[str, str],
        ready: str | None = None,
        translate: Callable[[Payload], Payload] = lambda payload: payload,
    ) -> None:
        self._tree = ProcessTree(command, cwd=ROOT, variables={**THREADS, **variables})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT_S)
        self._translate = translate
        self._wait_until(lambda: _listens(port))
        if ready is not None:
            self._wait_until(lambda: self._asked("GET", ready)[0] == http.client.OK)

    def answer(self, payload: Payload) -> bytes:
        payload = self._translate(payload)
        status, body = self._asked("POST", payload.path, payload.body)
        if status != http.client.OK:
            raise ContestError(f"expected status 200, got {status} {body[:200]!r}")
        return body

    def _asked(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        try:
            return self._exchanged(method, path, body)
        except ConnectionError:
            # Servers hang up while others have their turn.
            self._connection.close()
            return self._exchanged(method, path, body)

    def _exchanged(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        return response.status, response.read()

    def cpu_s(self) -> float:
        return self._tree.cpu_s()

    def stop(self) -> float:
        self._connection.close()
        return self._tree.stop()

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._tree.is_alive:
            if condition():
                return
            time.sleep(POLL_INTERVAL_S)
        raise ContestError("expected a server that takes requests, got none")


def _invocation(payload: Payload) -> Invocation:
    event = json.loads((ROOT / "events" / "predict.json").read_bytes())
    event |= {"body": payload.body, "rawPath": payload.path}
    event |= {"isBase64Encoded": payload.is_base64, "headers": event["headers"] | payload.headers}
    return Invocation(
        request_id="8f5075b6-6ab5-4c7f-9d3a-0d3ee1e2a1b6",
        event=json.dumps(event).encode(),
        deadline_ms=int(time.time() * 1000) + 29_000,
        function_arn="arn:aws:lambda:us-east-1:123456789012:function:bench",
    )


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
