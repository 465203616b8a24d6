"""An execution environment of the score function: its handler, as Lambda's init phase loads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from io import StringIO
from itertools import count
from types import CodeType, ModuleType
from typing import Any
from unittest.mock import patch

import boto3
from botocore.retries import quota

HANDLER = "functions.score.handler"
WHOLE_QUOTA = 500

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_client, _RetryQuota = boto3.client, quota.RetryQuota


class Environment:
    """It takes one invocation at a time, and keeps what the handler's module holds.

    `adapt` is called with the module whenever it was loaded.
    """

    def __init__(self, variables: Mapping[str, str], adapt: Callable[[ModuleType], None]) -> None:
        self._variables = variables
        self._adapt = adapt
        self._clients: dict[tuple[str, int], Any] = {}
        self._quotas: list[quota.RetryQuota] = []
        self.restart()

    def restart(self) -> None:
        """What the process held in memory is gone."""
        module = ModuleType(HANDLER)
        with (
            patch.dict(os.environ, self._variables),
            redirect_stdout(Discarding()),
            self._keeping_clients(),
        ):
            exec(_code(), vars(module))  # noqa: S102 - what an import does, without reading again
        self._adapt(module)
        self.refill()
        self.handler: Handler = module.lambda_handler

    def refill(self) -> None:
        """Give the SDK back the retries that earlier invocations have used up."""
        for retries in self._quotas:
            retries.release(WHOLE_QUOTA)

    @contextmanager
    def _keeping_clients(self) -> Iterator[None]:
        """Clients hold nothing of an invocation but their quotas of retries, and making them takes
        longer than all the rest."""
        numbers = count()

        def client(service: str, *arguments: object, **options: object) -> object:
            name = service, next(numbers)
            if name not in self._clients:
                self._clients[name] = _client(service, *arguments, **options)  # type: ignore[call-overload]
            return self._clients[name]

        def retry_quota() -> quota.RetryQuota:
            self._quotas.append(_RetryQuota())
            return self._quotas[-1]

        with patch.object(boto3, "client", client), patch.object(quota, "RetryQuota", retry_quota):
            yield


@cache
def _code() -> CodeType:
    spec = find_spec(HANDLER)
    loader = spec and spec.loader
    code = loader.get_code(HANDLER) if isinstance(loader, SourceFileLoader) else None
    if code is None:
        raise ModuleNotFoundError(HANDLER)
    return code


class Discarding(StringIO):
    """The log that nobody reads."""

    def write(self, text: str, /) -> int:
        return len(text)
