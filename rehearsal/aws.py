"""An account to deploy into: moto on this machine, gone with the rehearsal."""

from __future__ import annotations

import subprocess
from typing import Any, Protocol, Self

import boto3

from iam.account import REGION
from local.credentials import CREDENTIALS
from local.port import Port
from local.server_process import ServerProcess


class Account(Protocol):
    def client(self, service: Any) -> Any:  # noqa: ANN401 - any service's client
        """As boto3 makes it, for this account."""


class Aws:
    """A context manager; `variables` are what leads AWS's own tools here."""

    def __init__(self) -> None:
        self._server = ServerProcess(Port(0, "AWS_PORT"))
        # The CDK command line puts a bucket's name before an address, but not before this one.
        self.endpoint = f"http://localhost:{self._server.port}"
        self.variables = {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
        }

    def __enter__(self) -> Self:
        self._server.start("rehearsal.moto_server", stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def client(self, service: Any) -> Any:  # noqa: ANN401 - any service's client
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
