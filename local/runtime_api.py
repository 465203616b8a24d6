"""The Lambda Runtime API, version 2018-06-01, for one runtime process.

The process asks for the next invocation and posts its answer or its error; all of it arrives as
notices in one mailbox, where the environment also learns that the process has ended.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any

PREFIX = "/2018-06-01/runtime"
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, plus 100 bytes.
PAYLOAD_LIMIT_BYTES = 6_291_556


@dataclass(frozen=True, slots=True)
class Invocation:
    request_id: str
    event: bytes
    deadline_ms: int
    function_arn: str


@dataclass(frozen=True, slots=True)
class Idle:
    """The runtime has come up, or has finished, and asks for the next invocation."""


@dataclass(frozen=True, slots=True)
class Answered:
    payload: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """The runtime reported an error, of its initialisation or of an invocation."""

    error: str

    def __str__(self) -> str:
        return self.error


@dataclass(frozen=True, slots=True)
class Exited:
    """The process is gone; negative codes are signals."""

    returncode: int


Notice = Idle | Answered | Failed | Exited
Mailbox = SimpleQueue[Notice]


class RuntimeApi:
    """Serves one runtime process until `close`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._pending: SimpleQueue[Invocation | None] = SimpleQueue()
        self._server = _Server(mailbox, self._pending)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API holds."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def hand_over(self, invocation: Invocation) -> None:
        self._pending.put(invocation)

    def close(self) -> None:
        self._pending.put(None)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mailbox: Mailbox, pending: SimpleQueue[Invocation | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mailbox = mailbox
        self.pending = pending
        self.current: str | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        # A runtime that is killed resets its connections; its exit is noticed elsewhere.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Otherwise each answer waits for the runtime's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path != f"{PREFIX}/invocation/next":
            self._reply(404)
            return
        self.server.current = None
        self.server.mailbox.put(Idle())
        invocation = self.server.pending.get()
        if invocation is None:
            self.close_connection = True
            return
        self.server.current = invocation.request_id
        self._reply(200, invocation.event, _headers(invocation))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        current = f"{PREFIX}/invocation/{self.server.current}"
        if self.path in {f"{PREFIX}/init/error", f"{current}/error"}:
            self._accept(Failed(_error(body)))
        elif self.path == f"{current}/response":
            self._accept_answer(body)
        else:
            self._reply(400)

    def _accept_answer(self, body: bytes) -> None:
        if len(body) <= PAYLOAD_LIMIT_BYTES:
            self._accept(Answered(body))
            return
        self.server.mailbox.put(
            Failed(
                f"Function.ResponseSizeTooLarge: expected an answer of at most "
                f"{PAYLOAD_LIMIT_BYTES} bytes, got {len(body)}"
            )
        )
        self._reply(413)

    def _accept(self, notice: Notice) -> None:
        self.server.current = None
        self.server.mailbox.put(notice)
        self._reply(202)

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Requests of the runtime are no news."""


def _headers(invocation: Invocation) -> dict[str, str]:
    return {
        # awslambdaric 4.2 crashes without the content type and without the trace id.
        "Content-Type": "application/json",
        "Lambda-Runtime-Trace-Id": f"Root=1-{invocation.request_id[:8]}-{'0' * 24};Sampled=0",
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
    }


def _error(body: bytes) -> str:
    try:
        report = json.loads(body)
        return f"{report['errorType']}: {report['errorMessage']}"
    except (ValueError, TypeError, KeyError):
        return "an error that the runtime could not describe"
