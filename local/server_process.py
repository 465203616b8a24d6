"""A server in a process of its own, on a port that is taken before it starts; it ends with us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local.assembly import ROOT
from local.credentials import CREDENTIALS
from local.port import Port, url_of


class ServerProcess:
    """Runs a module that serves, as `local.moto_server` does, on the socket that it inherits."""

    def __init__(self, port: Port) -> None:
        self._socket = port.bind()
        self.port = int(self._socket.getsockname()[1])
        self.url = url_of(self._socket)

    def start(self, module: str, *arguments: str | Path, stderr: int | None = None) -> None:
        # Clients may connect from here on; they are answered as soon as the server is up.
        self._socket.listen(128)
        fd = self._socket.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, str(fd), *map(str, arguments)],
            cwd=ROOT,
            env=_variables(),
            stdin=subprocess.PIPE,
            stderr=stderr,
            pass_fds=[fd],
            start_new_session=True,  # spared by the terminal's Ctrl-C: it goes last
        )
        self._socket.close()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def _variables() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        # moto takes a dotted host for a bucket's subdomain unless it is told otherwise.
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
        **CREDENTIALS,
    }
