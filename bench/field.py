"""The field: who takes part, each with the same model behind it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bench.contestant import ROOT, Contestant, LambdaContestant, ServerContestant, Start

OURS = "ours"
FLOOR = "floor"
FASTAPI = "fastapi"

LAYER = ROOT / "layers" / "serving" / "python"


def field(model: Path, rivals: list[str]) -> Mapping[str, Start]:
    """The floor, ours and the named rivals, by name; each starts a process when called."""
    return {
        FLOOR: partial(_lambda, "bench.floor.handler.lambda_handler", model),
        OURS: partial(_lambda, "functions.predict.handler.lambda_handler", model),
    } | {name: partial(RIVALS[name], model) for name in rivals}


def _lambda(handler: str, model: Path) -> Contestant:
    return LambdaContestant(handler, search=LAYER, variables={"MODEL_DIR": str(model)})


def _fastapi(model: Path) -> Contestant:
    def command(port: int) -> list[str]:
        options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--workers", "1"]
        application = ["-m", "uvicorn", "bench.fastapi_server.app:app", "--port", str(port)]
        return [sys.executable, *application, *options]

    return ServerContestant(command, cwd=ROOT, variables={"MODEL_DIR": str(model)})


RIVALS: dict[str, Callable[[Path], Contestant]] = {FASTAPI: _fastapi}
