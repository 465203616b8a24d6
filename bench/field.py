"""The field: who takes part, each with the same model behind it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from bench.contestant import (
    ROOT,
    Contestant,
    LambdaContestant,
    Payload,
    ServerContestant,
    Start,
    free_port,
)
from bench.environment import environment

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
    port = free_port()
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--workers", "1"]
    application = ["-m", "uvicorn", "bench.fastapi_server.app:app", "--port", str(port)]
    command = [sys.executable, *application, *options]
    return ServerContestant(command, port=port, variables={"MODEL_DIR": str(model)})


def _mlserver(model: Path) -> Contestant:
    port = free_port()
    program = environment("mlserver_server") / "bin" / "mlserver"
    ports = {"MLSERVER_HTTP_PORT": str(port), "MLSERVER_GRPC_PORT": str(free_port())}
    return ServerContestant(
        [str(program), "start", str(ROOT / "bench" / "mlserver_server")],
        port=port,
        variables={"MODEL_DIR": str(model), **ports},
        ready="/v2/models/bench/ready",
        translate=_as_tensor,
    )


def _as_tensor(payload: Payload) -> Payload:
    """The same rows by the Open Inference Protocol."""
    rows = np.array(json.loads(payload.body)["instances"])
    data = rows.ravel().tolist()
    tensor = {"name": "X", "shape": rows.shape, "datatype": "FP32", "data": data}
    return Payload(json.dumps({"inputs": [tensor]}), path="/v2/models/bench/infer")


def _bentoml(model: Path) -> Contestant:
    port = free_port()
    program = environment("bentoml_server") / "bin" / "bentoml"
    options = ["--host", "127.0.0.1", "--port", str(port)]
    return ServerContestant(
        [str(program), "serve", "bench.bentoml_server.service:Predictor", *options],
        port=port,
        variables={"MODEL_DIR": str(model), "BENTOML_DO_NOT_TRACK": "true"},
        ready="/readyz",
    )


RIVALS: dict[str, Callable[[Path], Contestant]] = {
    FASTAPI: _fastapi,
    "mlserver": _mlserver,
    "bentoml": _bentoml,
}
