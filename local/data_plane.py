"""The data plane: S3 and SQS as moto serves them, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

from iam.account import REGION
from local.credentials import CREDENTIALS
from local.port import Port
from local.server_process import ServerProcess

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient


class DataPlane:
    """A context manager; `endpoint` serves every bucket by path. Any key opens everything, but for
    those of functions. `calls`: the file to write down what functions did."""

    def __init__(self, port: Port, *, calls: Path | None = None) -> None:
        self._server = ServerProcess(port)
        self._calls = calls
        self.endpoint = self._server.url
        self._session = boto3.Session(
            CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"], None, REGION
        )

    def __enter__(self) -> Self:
        self._directory = TemporaryDirectory()
        self._server.start("local.moto_server", *self._files())
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._directory.cleanup()

    def authorize(self, allowed: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """From here on functions may do what their statements say; before their first call."""
        self._statements.write_text(json.dumps(allowed))

    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self.endpoint)

    def sqs(self) -> SQSClient:
        return self._session.client("sqs", endpoint_url=self.endpoint)

    def pollers_sqs(self, access_key: str) -> SQSClient:
        """For who asks again and again anyway, each time once."""
        return self._session.client(
            "sqs",
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key,
            aws_secret_access_key=access_key,
            # Every slot of an event source may delete while it polls.
            config=Config(max_pool_connections=20, retries={"total_max_attempts": 1}),
        )

    @property
    def _statements(self) -> Path:
        return Path(self._directory.name) / "statements.json"

    def _files(self) -> list[Path]:
        return [self._statements, *([] if self._calls is None else [self._calls])]
