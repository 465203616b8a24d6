"""What runs share within one process: a model, a clock, and environments that are warm.

Nothing of the function is replaced but what would make a run depend on more than its seed (clocks,
threads, the machine's cores) and sizes that no small file reaches.
"""

from __future__ import annotations

import concurrent.futures
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stdout
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import ParamSpec, Protocol, TypeVar
from unittest.mock import patch

import boto3
import botocore.endpoint
import botocore.session
import numpy as np
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.useragent import UserAgentString
from onnx import TensorProto, helper

from chaos.clock import Clock, datetime_of
from chaos.environment import HANDLER, Discarding, Environment
from chaos.inline_executor import InlineExecutor
from serving.model import Model
from tests import graphs

MODEL = "example"
INBOX, RESULTS = "inbox", "results"
QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:example"
REGION = "eu-central-1"
# Of the model; the second one is deployed in the middle of some runs.
VERSIONS = (1, 2)
# Of each version.
ENVIRONMENTS = 3
CORES = 2

# S3's own 5 MiB, here: what the store asks of parts, and what the function keeps to.
MINIMUM_PART_BYTES = 64
# Sizes that no small file reaches, as the function's modules call them.
SMALL: Mapping[str, Mapping[str, int]] = {
    "delivery.job_scorer": {"MAX_HOPS": 60},
    "formats.parquet_batches": {"MAX_ROWS": 2},
    "formats.text_blocks": {"BLOCK_BYTES": 40},
    "functions.score.s3_join": {"MIN_BYTES": MINIMUM_PART_BYTES},
    "functions.score.s3_parts": {"REMOVED_AT_ONCE": 4},
    "functions.score.s3_upload": {"PART_BYTES": 96},
    "functions.score.task_queue": {"SENT_AT_ONCE": 3},
}

VARIABLES = {
    "INBOX_BUCKET": INBOX,
    "RESULTS_BUCKET": RESULTS,
    "QUEUE_ARN": QUEUE_ARN,
    "SPLIT_BYTES": "160",
    "PART_BYTES": "60",
    "POWERTOOLS_METRICS_NAMESPACE": "Chaos",
    # Nothing listens there: a call that missed the doubles fails.
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}


P = ParamSpec("P")
R = TypeVar("R")


class World(Protocol):
    """What a run is to the function's processes."""

    def answer(self, event_name: str, request: AWSPreparedRequest) -> AWSResponse: ...

    def work(self) -> None:
        """Pass the time that a block takes."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None:
        """Pass the time that the SDK waits before another attempt."""


class Laboratory:
    """`world`: that of the run that takes place."""

    world: World

    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self._models = {version: _save_model(directory, version) for version in VERSIONS}
        self.environments: dict[int, list[Environment]] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        with ExitStack() as running:
            for replacement in self._replacements():
                running.enter_context(replacement)
            with redirect_stdout(Discarding()):
                importlib.import_module(HANDLER)
            for module in _loaded():
                for attribute, value in self._substitutes(module):
                    running.enter_context(patch.object(module, attribute, value))
            for name, sizes in SMALL.items():
                for attribute, size in sizes.items():
                    running.enter_context(patch(f"{name}.{attribute}", size))
            executor = patch.object(concurrent.futures, "ThreadPoolExecutor", InlineExecutor)
            running.enter_context(executor)
            self.environments = {version: self.warm(ENVIRONMENTS, version) for version in VERSIONS}
            yield

    def warm(self, count: int, version: int = VERSIONS[0]) -> list[Environment]:
        return [Environment(self._models[version], self._adapt) for _ in range(count)]

    def _replacements(self) -> Iterator[AbstractContextManager[object]]:
        yield patch.dict(os.environ, {**VARIABLES, **self._models[VERSIONS[0]]})
        yield patch.object(os, "cpu_count", lambda: CORES)
        yield patch.object(botocore.endpoint, "time", self._time())
        yield patch.object(boto3, "DEFAULT_SESSION", self._session())
        # A tenth of a call's time goes into what nobody reads.
        yield patch.object(UserAgentString, "to_string", lambda _: "chaos")
        yield patch.object(Model, "load", cache(Model.load))
        yield patch.object(Model, "predict", self._slow(Model.predict))

    def _slow(self, predict: Callable[P, R]) -> Callable[P, R]:
        def predict_slowly(*arguments: P.args, **options: P.kwargs) -> R:
            self.world.work()
            return predict(*arguments, **options)

        return predict_slowly

    def _time(self) -> SimpleNamespace:
        now = self._now
        return SimpleNamespace(sleep=self._sleep, time=now, monotonic=now, perf_counter=now)

    def _now(self) -> float:
        return self.world.now()

    def _session(self) -> boto3.Session:
        core = botocore.session.get_session()
        # As long as it takes to read times that nobody asks for.
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=str)
        session = boto3.Session("nobody", "nothing", region_name=REGION, botocore_session=core)
        session.events.register_first("before-send", self.send)  # type: ignore[arg-type] # hooks may answer
        session.events.register_first("choose-signer", lambda **_: UNSIGNED)
        return session

    def _sleep(self, seconds: float) -> None:
        self.world.sleep(seconds)

    def send(self, event_name: str, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Every call to AWS of every process."""
        return self.world.answer(event_name, request)

    def _adapt(self, module: ModuleType) -> None:
        for attribute, value in self._substitutes(module):
            setattr(module, attribute, value)

    def _substitutes(self, module: ModuleType) -> Iterator[tuple[str, object]]:
        for attribute, value in vars(module).copy().items():
            if value is datetime:
                yield attribute, datetime_of(self._now)
            elif value is time:
                yield attribute, self._time()
            elif value is ThreadPoolExecutor:
                yield attribute, InlineExecutor


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    with TemporaryDirectory() as directory:
        opened = Laboratory(Path(directory))
        with opened.open():
            yield opened


def _save_model(directory: Path, version: int) -> dict[str, str]:
    """It sums, and multiplies by its version: so rows say who scored them."""
    graph = graphs.model(
        [helper.make_node("MatMul", ["X", "weights"], ["total"])],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("total", TensorProto.FLOAT, [None, 1])],
        weights=np.full((2, 1), version, np.float32),
    )
    return {"MODEL_DIR": str(graphs.save(graph, directory / MODEL / str(version)))}


def _loaded() -> list[ModuleType]:
    rooms = ("delivery.", "formats.", "functions.score.")
    return [module for name, module in sys.modules.items() if name.startswith(rooms)]
