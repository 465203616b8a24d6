"""The process behind the data plane: moto on an inherited socket, for as long as its parent lives.

python -m local.moto_server <file descriptor of a listening socket>
"""

from __future__ import annotations

import logging
import os
import sys
from threading import Thread

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server


class _Handler(MotoRequestHandler):
    # Otherwise each answer waits for the client's delayed acknowledgement, 40 ms.
    disable_nagle_algorithm = True


def serve(listening_fd: int) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=_Handler, fd=listening_fd
    )
    Thread(target=server.serve_forever, daemon=True).start()


def wait_for_parent() -> None:
    """Our standard input is a pipe from the parent: it ends when the parent does, killed or not."""
    sys.stdin.buffer.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
    wait_for_parent()
    os._exit(0)
