"""The data plane: S3 and SQS as moto serves them, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Self

import boto3
from botocore.config import Config

from local.account import CREDENTIALS, REGION
from local.assembly import ROOT
from local.port import Port, url_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient


class DataPlane:
    """A context manager; `endpoint` serves every bucket by path and accepts any key."""

    def __init__(self, port: Port) -> None:
        self._socket = port.bind()
        self.endpoint = url_of(self._socket)
        self._session = boto3.Session(
            CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"], None, REGION
        )

    def __enter__(self) -> Self:
        # Clients may connect from here on; they are answered as soon as moto is up.
        self._socket.listen(128)
        fd = self._socket.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.moto_server", str(fd)],
            cwd=ROOT,
            env=_variables(),
            stdin=subprocess.PIPE,
            pass_fds=[fd],
            start_new_session=True,  # spared by the terminal's Ctrl-C: it goes last
        )
        self._socket.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self.endpoint)

    def sqs(self) -> SQSClient:
        # Every event source holds a connection for its long poll.
        return self._session.client(
            "sqs", endpoint_url=self.endpoint, config=Config(max_pool_connections=200)
        )


def _variables() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        # moto takes a dotted host for a bucket's subdomain unless it is told otherwise.
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
        **CREDENTIALS,
    }
