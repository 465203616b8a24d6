"""The process behind the data plane: moto on an inherited socket, for as long as its parent lives.

python -m local.moto_server <file descriptor of a listening socket> <statements> [<calls>]

Two files: what functions are allowed, and what they did.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.authorization import Authorization

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Handler(MotoRequestHandler):
    # Otherwise each answer waits for the client's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True


def serve(listening_fd: int) -> None:
    """Whatever the key."""
    serve_application(listening_fd, moto())


def serve_application(listening_fd: int, application: WSGIApplication) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=_Handler, fd=listening_fd
    )
    Thread(target=server.serve_forever, daemon=True).start()


def moto() -> WSGIApplication:
    application: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    return application


def wait_for_parent() -> None:
    """Our standard input is a pipe from the parent: it ends when the parent does, killed or not."""
    sys.stdin.buffer.read()


if __name__ == "__main__":
    fd, statements, *calls = sys.argv[1:]
    guarded = Authorization(moto(), Path(statements), calls=Path(calls[0]) if calls else None)
    serve_application(int(fd), guarded)
    wait_for_parent()
    os._exit(0)
