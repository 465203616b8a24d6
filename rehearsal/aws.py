"""An account to deploy into: moto on this machine, gone with the rehearsal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, Protocol, Self

import boto3

from local.account import CREDENTIALS, REGION
from local.assembly import ROOT
from local.port import Port


class Account(Protocol):
    def client(self, service: Any) -> Any:  # noqa: ANN401 - any service's client
        """As boto3 makes it, for this account."""


class Aws:
    """A context manager; `variables` are what leads AWS's own tools here."""

    def __init__(self) -> None:
        self._socket = Port(0, "AWS_PORT").bind()
        # The CDK command line puts a bucket's name before an address, but not before this one.
        self.endpoint = f"http://localhost:{self._socket.getsockname()[1]}"
        self.variables = {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def __enter__(self) -> Self:
        self._socket.listen(128)
        fd = self._socket.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "rehearsal.moto_server", str(fd)],
            cwd=ROOT,
            env={**os.environ, **CREDENTIALS, "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true"},
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[fd],
            start_new_session=True,  # spared by the terminal's Ctrl-C: it goes last
        )
        self._socket.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def client(self, service: Any) -> Any:  # noqa: ANN401 - any service's client
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
