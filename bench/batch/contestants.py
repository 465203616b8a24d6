"""Contestants: each a process of its own that stays, as a warm function does."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from bench.batch import mini_batches
from bench.batch.turn import Files, Score, Turn, timed
from bench.contestant import ServerContestant, free_port

SERVER_WORKERS = 2


class Contestant(ABC):
    """A context manager, stopped on exit."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def turn(self, files: Files) -> Turn: ...

    @abstractmethod
    def stop(self) -> None: ...


class Loop(Contestant):
    """A Python function in a process of its own."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._process = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def turn(self, files: Files) -> Turn:
        return self._process.submit(timed, self._score, files).result()

    def stop(self) -> None:
        self._process.shutdown()


class MiniBatches(Contestant):
    """A FastAPI server and its client: their CPU time is counted together, and the memory is the
    client's."""

    def __init__(self, model: Path) -> None:
        port = free_port()
        options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
        options += ["--port", str(port), "--workers", str(SERVER_WORKERS)]
        self._server = ServerContestant(
            [sys.executable, "-m", "uvicorn", "bench.fastapi_server.app:app", *options],
            port=port,
            variables={"MODEL_DIR": str(model)},
            ready="/openapi.json",
        )
        self._client = Loop(partial(mini_batches.score, port=port))

    def turn(self, files: Files) -> Turn:
        before_s = self._server.cpu_s()
        turn = self._client.turn(files)
        return replace(turn, cpu_s=turn.cpu_s + self._server.cpu_s() - before_s)

    def stop(self) -> None:
        self._client.stop()
        self._server.stop()
