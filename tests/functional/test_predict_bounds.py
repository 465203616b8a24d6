"""The bounds that admit a model hold through every door: what would kill the run is not run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from onnx import parser

from tests import graphs
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, parsed, to, with_body

LOWEST = -(2**63)
CARD = """
    live = 1
    [features]
    x = { kind = "number" }
    d = { kind = "number", minimum = 1, maximum = 9 }
"""


@pytest.fixture
def predict(import_handler: ImportHandler, tmp_path: Path) -> Handler:
    """Whole quotients, x by d."""
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["": 18]> '
        "graph (int64[N] x, int64[N] d) => (int64[N] y) { y = Div(x, d) }"
    )
    directory = graphs.save(model, tmp_path / "quotient" / "1", card=CARD)
    return import_handler(
        "predict",
        MODEL_DIR=str(directory),
        MODEL_NAME="quotient",
        MODEL_VERSION="1",
        POWERTOOLS_METRICS_NAMESPACE="Tests",
    )


def rows(event: dict[str, Any], divisor: int) -> dict[str, Any]:
    document = {"instances": [{"x": LOWEST, "d": divisor}]}
    return with_body(to(event, "POST", "/models/quotient/predict"), document)


def tensors(event: dict[str, Any], divisor: int) -> dict[str, Any]:
    inputs = [
        {"name": name, "shape": [1], "datatype": "INT64", "data": [value]}
        for name, value in (("x", LOWEST), ("d", divisor))
    ]
    return with_body(to(event, "POST", "/v2/models/quotient/infer"), {"inputs": inputs})


@pytest.mark.parametrize("divisor", [-1, 0])
def test_rows_with_a_divisor_out_of_bounds_are_refused(
    predict: Handler, load_event: LoadEvent, divisor: int
) -> None:
    answer = predict(rows(load_event("predict"), divisor))

    problem = assert_is_problem(answer, 422, "invalid-rows")
    assert problem["errors"] == [
        {"pointer": "/instances/0/d", "expected": "at least 1", "got": str(divisor)}
    ]


@pytest.mark.parametrize("divisor", [-1, 0])
def test_tensors_with_a_divisor_out_of_bounds_are_refused(
    predict: Handler, load_event: LoadEvent, divisor: int
) -> None:
    answer = predict(tensors(load_event("predict"), divisor))

    problem = assert_is_problem(answer, 422, "invalid-tensor")
    assert problem["errors"] == [
        {"pointer": "/inputs/1/data/0", "expected": "at least 1", "got": str(divisor)}
    ]


def test_a_divisor_within_bounds_divides(predict: Handler, load_event: LoadEvent) -> None:
    event = load_event("predict")

    by_rows = parsed(predict(rows(event, 2)))["predictions"]
    by_tensors = parsed(predict(tensors(event, 2)))["outputs"][0]["data"]

    assert (by_rows, by_tensors) == ([{"y": LOWEST // 2}], [LOWEST // 2])
