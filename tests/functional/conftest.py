"""Handlers as Lambda finds them: imported afresh, under the environment of their deployment."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import orjson
import pytest
from aws_lambda_powertools import Metrics
from moto import mock_aws

from tests.functional.golden import HOUSING
from tests.functional.runtime import ROOT

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LoadEvent = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Context:
    """What Lambda tells of the function and the invocation."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "5f2c1d0e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


class Handler:
    """A handler's module, with its log in memory."""

    def __init__(self, module: ModuleType, log: StringIO) -> None:
        self.module = module
        self._log = log

    def __call__(self, event: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.module.lambda_handler(event, Context())
        return answer

    @property
    def log(self) -> str:
        return self._log.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.log.splitlines()]


class ImportHandler(Protocol):
    def __call__(self, function: str, **environ: str) -> Handler: ...


@pytest.fixture
def load_event() -> LoadEvent:
    """Reads events/<name>.json."""

    def load(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
        return event

    return load


@pytest.fixture
def predict(import_handler: ImportHandler) -> Handler:
    return import_handler("predict", MODEL_DIR=str(HOUSING), POWERTOOLS_METRICS_NAMESPACE="Tests")


@pytest.fixture
def import_handler(monkeypatch: pytest.MonkeyPatch) -> ImportHandler:
    """Imports functions.<function>.handler, as in a cold start with these variables."""

    def load(function: str, **environ: str) -> Handler:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        # Powertools keeps metrics and dimensions for as long as the process lives.
        metrics = Metrics()
        metrics.clear_default_dimensions()
        metrics.clear_metrics()
        module_name = f"functions.{function}.handler"
        monkeypatch.delitem(sys.modules, module_name, raising=False)
        log = StringIO()
        with redirect_stdout(log):
            module = importlib.import_module(module_name)
        # Powertools' logger outlives its module, and would write where its first test had it.
        for handler in logging.getLogger(function).handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(log)
        return Handler(module, log)

    return load


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """S3 in this process, with the buckets `inbox` and `results`, both versioned."""
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ["inbox", "results"]:
            client.create_bucket(Bucket=bucket)
            client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        yield client
