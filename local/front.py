"""The HTTP front: API Gateway's HTTP API, as far as the template's routes go."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Sequence
from threading import Event, Thread
from typing import Self

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.cors import Cors
from local.errors import EventTooLargeError, FunctionTimedOutError, InvocationError
from local.http_answer import MalformedAnswerError, gateway_response, http_answer
from local.http_event import http_event
from local.route import Route, select

logger = logging.getLogger(__name__)

BODY_LIMIT_BYTES = 10 * 1024 * 1024


class Gateway:
    """The ASGI application; every request waits on a thread of its own for its function."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = time.monotonic()
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        logger.info(
            "%s %s -> %d in %.1f ms",
            request.method,
            # A path may hold anything once its percents are decoded, line ends included.
            ascii(scope["path"])[1:-1],
            response.status_code,
            (time.monotonic() - started) * 1000,
        )
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return gateway_response(413)
        selected = select(self._routes, request.method, request.scope["path"])
        if selected is None:
            return gateway_response(404)
        return await run_in_threadpool(_answer, request, body, *selected)


async def _body(request: Request) -> bytes | None:
    """None where it is larger than API Gateway accepts."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            return None
    return bytes(body)


def _answer(
    request: Request, body: bytes, route: Route, path_parameters: dict[str, str]
) -> Response:
    event = http_event(request, body, route_key=route.key, path_parameters=path_parameters)
    try:
        return http_answer(route.function.invoke(event))
    except EventTooLargeError:
        return gateway_response(413)
    except MalformedAnswerError as error:
        logger.warning("%s: %s", route.function.name, error)
        return gateway_response(502)
    except InvocationError as error:
        logger.warning("%s", error)
        return gateway_response(504 if isinstance(error, FunctionTimedOutError) else 502)


class Front:
    """Listens from entry to exit."""

    def __init__(
        self, routes: Sequence[Route], bound: socket.socket, *, cors: Cors | None = None
    ) -> None:
        gateway = Gateway(routes)
        self._server = _Server(
            uvicorn.Config(
                gateway if cors is None else cors.around(gateway),
                lifespan="off",
                log_level="warning",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = Thread(target=self._server.run, args=([bound],))

    def __enter__(self) -> Self:
        self._thread.start()
        self._server.listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()
