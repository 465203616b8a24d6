"""Small functions, a data plane shared by all tests, and queues of their own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol

import pytest

from local.assembly import ROOT
from local.cloud import Cloud
from local.data_plane import DataPlane
from local.environment import Configuration
from local.function import Function
from local.port import Port
from local.warm_pool import WarmPool


class FunctionOf(Protocol):
    def __call__(
        self,
        handler: str,
        *,
        concurrency: int = ...,
        warm_pool: WarmPool | None = ...,
        **configuration: Any,  # noqa: ANN401 - whatever a Configuration holds
    ) -> Function: ...


class WaitUntil(Protocol):
    def __call__(self, condition: Callable[[], bool], *, within_s: float = ...) -> None: ...


@pytest.fixture
def function_of(tmp_path: Path) -> Iterator[FunctionOf]:
    """Makes a function of a handler's source; its `handler(event, context)` is the handler."""
    functions = []

    def make(
        handler: str,
        *,
        concurrency: int = 2,
        warm_pool: WarmPool | None = None,
        **configuration: Any,  # noqa: ANN401 - likewise
    ) -> Function:
        (tmp_path / "under_test.py").write_text(dedent(handler))
        function = Function(
            Configuration(handler="under_test.handler", directory=tmp_path, **configuration),
            concurrency=concurrency,
            warm_pool=warm_pool,
        )
        functions.append(function)
        return function

    yield make
    for function in functions:
        function.close()


@pytest.fixture(scope="session")
def data_plane() -> Iterator[DataPlane]:
    with DataPlane(Port(0, "AWS_PORT")) as data_plane:
        yield data_plane


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The real template over the repository's models, on free ports."""
    free = Port(0, "PORT")
    with Cloud(ROOT / "models", api_port=free, aws_port=free) as cloud:
        yield cloud


@pytest.fixture
def unique() -> str:
    return uuid.uuid4().hex[:12]


@pytest.fixture
def wait_until() -> WaitUntil:
    def wait(condition: Callable[[], bool], *, within_s: float = 20) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"waited {within_s} s for a condition that never came true")
            time.sleep(0.02)

    return wait
