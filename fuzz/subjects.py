"""Subjects: the models under attack, each in a predict function of its own in this process."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import onnx
from aws_lambda_powertools import Metrics
from onnx import TensorProto

from serving.description import describe
from serving.model import Model
from tests import graphs

ROOT = Path(__file__).parents[1]
HOUSING = ROOT / "models" / "housing" / "1"

Handle = Callable[[dict[str, Any]], dict[str, Any]]

GRAPHS: dict[str, Callable[[], onnx.ModelProto]] = {
    "numeric": lambda: graphs.total(3),
    "string": lambda: graphs.identity(TensorProto.STRING),
    "several-inputs": graphs.sale,
    "classifier": graphs.classifier,
    "one-row-a-run": lambda: graphs.identity(TensorProto.FLOAT, (1, 2)),
    "bool": lambda: graphs.identity(TensorProto.BOOL),
    "uint64": lambda: graphs.identity(TensorProto.UINT64),
    "half": lambda: graphs.identity(TensorProto.FLOAT16, (None, 2)),
    "tokens": lambda: graphs.identity(TensorProto.INT64, (None, None)),
}


@dataclass(frozen=True)
class Subject:
    """A model behind its predict function, and what that is deployed with."""

    model: Model
    environ: dict[str, str]
    handle: Handle


@dataclass(frozen=True)
class Context:
    """What Lambda tells of an invocation."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "5f2c1d0e-0000-4000-8000-000000000000"


def predict_subjects(directory: Path) -> list[Subject]:
    """Housing, and the models above, written below `directory`."""
    directories = {"housing": HOUSING} | {
        name: graphs.save(graph(), directory / name / "1") for name, graph in GRAPHS.items()
    }
    return [_subject(name, path) for name, path in directories.items()]


def _subject(name: str, directory: Path) -> Subject:
    environ = {"MODEL_DIR": str(directory), "MODEL_NAME": name, "MODEL_VERSION": "1"}
    module = _imported("predict", environ)
    return Subject(module.model, environ, _handle(module))


def catalog_environ(directory: Path, subjects: Sequence[Subject]) -> dict[str, str]:
    """Of a catalog that lists the subjects."""
    document = {
        "stage": "test",
        "auth": {"kind": "none"},
        "default_model": "housing",
        "models": [describe(subject.model) for subject in subjects],
        "examples": {subject.model.name: None for subject in subjects},
    }
    path = directory / "models.json"
    path.write_text(json.dumps(document))
    return {"CATALOG_FILE": str(path)}


def catalog_handle(environ: dict[str, str]) -> Handle:
    return _handle(_imported("catalog", environ))


def _imported(function: str, environ: dict[str, str]) -> Any:  # noqa: ANN401 - a module
    """The handler's module, afresh, as a cold start under these variables finds it."""
    # Powertools keeps metrics and dimensions for as long as the process lives.
    metrics = Metrics()
    metrics.clear_default_dimensions()
    metrics.clear_metrics()
    name = f"functions.{function}.handler"
    # A handler's logger keeps the output that it finds when it is made.
    with patch.dict(os.environ, environ), redirect_stdout(_Discarding()):
        sys.modules.pop(name, None)
        return importlib.import_module(name)


def _handle(module: Any) -> Handle:  # noqa: ANN401 - a module
    context = Context()
    return lambda event: module.lambda_handler(event, context)


class _Discarding(StringIO):
    """Output that nobody reads."""

    def write(self, text: str, /) -> int:
        return len(text)
