"""Whatever the OpenAPI document and the front page show can be sent as it is."""

from __future__ import annotations

import re
import shlex
from html import unescape
from typing import Any

import numpy as np
import onnx
import orjson
import pytest
from onnx import TensorProto, helper

from gateway.inference import Inference
from gateway.openapi import openapi
from gateway.pages.home import home
from gateway.prediction import Prediction
from gateway.request import Request
from gateway.response import Response
from serving.description import describe
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel

Json = dict[str, Any]

BOUNDED = """
live = 1
[features]
a = { kind = "number", minimum = 2, maximum = 9 }
b = { kind = "number", minimum = -5, maximum = -2 }
"""
OPTIONAL = """
live = 1
[features]
size = { kind = "number", tensor = "area", missing = "nan" }
rooms = { kind = "number", missing = "fill", fill = 3 }
kind = { kind = "category", categories = ["flat"], missing = "fill", fill = "flat" }
"""


def column_sums() -> onnx.ModelProto:
    """X [n, 3] -> sums [3]: no entry for each row."""
    return graphs.model(
        [helper.make_node("ReduceSum", ["X", "axes"], ["sums"], keepdims=0)],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 3])],
        [graphs.tensor("sums", TensorProto.FLOAT, [3])],
        axes=np.array([0]),
    )


def recurrent() -> onnx.ModelProto:
    """x [n, 2], an empty state and a scalar -> both together."""
    return graphs.model(
        [
            helper.make_node("Mul", ["x", "scale"], ["scaled"]),
            helper.make_node("Concat", ["state", "scaled"], ["y"], axis=0),
        ],
        [
            graphs.tensor("x", TensorProto.FLOAT, [None, 2]),
            graphs.tensor("state", TensorProto.FLOAT, [0, 2]),
            graphs.tensor("scale", TensorProto.FLOAT, []),
        ],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 2])],
    )


def constant() -> onnx.ModelProto:
    return graphs.model(
        [helper.make_node("Identity", ["one"], ["y"])],
        [],
        [graphs.tensor("y", TensorProto.FLOAT, [1])],
        one=np.ones(1, np.float32),
    )


ROWS: dict[str, tuple[onnx.ModelProto, str | None]] = {
    "numbers": (graphs.total(), None),
    "bounded numbers": (graphs.identity(TensorProto.FLOAT, [None, 2]), BOUNDED),
    "several inputs": (graphs.sale(), None),
    "optional features": (graphs.sale(), OPTIONAL),
    "classes": (graphs.classifier(), None),
    "one row a run": (graphs.identity(TensorProto.BOOL, [1, 2]), None),
    "vectors of open width": (graphs.identity(TensorProto.INT64, [None, None]), None),
    "features of open width": (graphs.identity(TensorProto.FLOAT, [None, None]), BOUNDED),
    "small images": (graphs.identity(TensorProto.UINT8, [None, 2, 2]), None),
    "sentences": (graphs.identity(TensorProto.STRING, [None, None, 2]), None),
}
TENSORS: dict[str, tuple[onnx.ModelProto, str | None]] = {
    "a vector": (graphs.identity(TensorProto.FLOAT, [2]), None),
    "a bounded matrix": (graphs.identity(TensorProto.FLOAT, [5, 2]), BOUNDED),
    "a scalar": (graphs.identity(TensorProto.INT8, []), None),
    "an output without rows": (column_sums(), None),
    "an empty state": (recurrent(), None),
    "no input": (constant(), None),
}
ALL = ROWS | TENSORS


class Service:
    """A catalog of one model, which is there to answer."""

    def __init__(self, model: Model) -> None:
        self.catalog = {
            "stage": "dev",
            "auth": {"kind": "none"},
            "default_model": model.name,
            "models": [orjson.loads(orjson.dumps(describe(model)))],
            "examples": {model.name: None},
        }
        self.paths: dict[str, Json] = openapi(self.catalog, version="1")["paths"]
        self._predict = Prediction(model).predict
        self._infer = Inference(model).infer

    def examples(self, path: str) -> list[tuple[str, str]]:
        """Content types and bodies."""
        content = self.paths[path]["post"]["requestBody"]["content"]
        return [
            (content_type, text if isinstance(text, str) else orjson.dumps(text).decode())
            for content_type, shown in content.items()
            for text in _examples(shown)
        ]

    def answer(self, path: str, content_type: str, body: str) -> Response:
        endpoint = self._infer if path.endswith("/infer") else self._predict
        return endpoint(Request("POST", path, {"content-type": content_type}, body))

    @property
    def command(self) -> list[str]:
        """The page's, as a shell takes it."""
        [command] = re.findall(r"<pre><code>(.*?)</code></pre>", self.page, re.DOTALL)
        return shlex.split(unescape(command).replace("\\\n", ""))

    @property
    def page(self) -> str:
        return home(self.catalog, "https://api.example")


def _examples(shown: Json) -> list[Any]:
    if "examples" in shown:
        return [example["value"] for example in shown["examples"].values()]
    return [shown["example"]] if "example" in shown else []


@pytest.mark.parametrize(("graph", "card"), ROWS.values(), ids=ROWS)
def test_rows_that_are_shown_are_predicted(
    load_model: LoadModel, graph: onnx.ModelProto, card: str | None
) -> None:
    service = Service(load_model(graph, card=card))

    examples = service.examples("/predict")

    assert len(examples) == 8
    for content_type, body in examples:
        assert service.answer("/predict", content_type, body).status == 200


@pytest.mark.parametrize(("graph", "card"), ALL.values(), ids=ALL)
def test_tensors_that_are_shown_are_inferred(
    load_model: LoadModel, graph: onnx.ModelProto, card: str | None
) -> None:
    service = Service(load_model(graph, card=card))
    path = "/v2/models/example/infer"

    [(content_type, body)] = service.examples(path)

    assert service.answer(path, content_type, body).status == 200


@pytest.mark.parametrize(("graph", "card"), TENSORS.values(), ids=TENSORS)
def test_a_model_that_takes_no_rows_is_shown_without_predict(
    load_model: LoadModel, graph: onnx.ModelProto, card: str | None
) -> None:
    service = Service(load_model(graph, card=card))

    assert [path for path in service.paths if "predict" in path] == []
    assert "predict" not in service.page


@pytest.mark.parametrize(("graph", "card"), ALL.values(), ids=ALL)
def test_the_command_of_the_page_is_answered(
    load_model: LoadModel, graph: onnx.ModelProto, card: str | None
) -> None:
    service = Service(load_model(graph, card=card))

    curl, url, _, header, _, body = service.command

    path = url.removeprefix("https://api.example")
    assert (curl, path in service.paths) == ("curl", True)
    assert service.answer(path, header.removeprefix("Content-Type: "), body).status == 200


def test_a_long_matrix_with_bounds_is_told_once(load_model: LoadModel) -> None:
    service = Service(load_model(graphs.identity(TensorProto.FLOAT, [10**6, 2]), card=BOUNDED))

    assert len(orjson.dumps(service.paths)) < 100_000


@pytest.mark.parametrize(
    ("shape", "path"),
    [((None, 3, 64, 64), "/models/example/predict"), ((3, 64, 64), "/v2/models/example/infer")],
)
def test_what_is_too_long_to_show_is_left_to_a_file(
    load_model: LoadModel, shape: tuple[int | None, ...], path: str
) -> None:
    service = Service(load_model(graphs.identity(TensorProto.FLOAT, shape)))

    assert service.examples(path) == []
    assert service.command[1:] == [
        f"https://api.example{path}",
        "-H",
        "Content-Type: application/json",
        "-d",
        "@request.json",
    ]
