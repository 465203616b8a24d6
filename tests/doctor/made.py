"""Models made to fail, each in its own way, and the stage that they are too much for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from cdk.context import read_context
from tests import graphs

STAGE = {
    "default_model": "slow",
    "predict_memory_mib": 512,
    "predict_timeout_s": 4,
    "score_memory_mib": 512,
    "score_timeout_s": 20,
    "score_split_mib": 5,
    "score_part_mib": 5,
}


def big() -> onnx.ModelProto:
    """id [n] -> total [n, 1]: the sum of a row of a table of 170 MiB."""
    return graphs.model(
        [
            helper.make_node("Gather", ["table", "id"], ["row"]),
            helper.make_node("ReduceSum", ["row", "axis"], ["total"]),
        ],
        [graphs.tensor("id", TensorProto.INT64, [None])],
        [graphs.tensor("total", TensorProto.FLOAT, [None, 1])],
        table=np.zeros((85 * 1024, 512), np.float32),
        axis=np.array([1]),
    )


def slow() -> onnx.ModelProto:
    """X [n, 512] -> Y [n, 1]: 800 products with one matrix, and the mean of the last."""
    names = [f"X_{number}" for number in range(800)]
    products = [
        helper.make_node("MatMul", [before, "matrix"], [after])
        for before, after in zip(["X", *names], names, strict=False)
    ]
    return graphs.model(
        [*products, helper.make_node("ReduceMean", [names[-1], "axis"], ["Y"])],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 512])],
        [graphs.tensor("Y", TensorProto.FLOAT, [None, 1])],
        matrix=np.eye(512, dtype=np.float32),
        axis=np.array([1]),
    )


def hungry() -> onnx.ModelProto:
    """X [n, 400, 1000] -> total [n]: with 256 MB on the way for each row."""
    return graphs.model(
        [
            helper.make_node("Unsqueeze", ["X", "first"], ["one"]),
            helper.make_node("Add", ["one", "zeros"], ["many"]),
            helper.make_node("ReduceSum", ["many", "all"], ["total"], keepdims=0),
        ],
        [graphs.tensor("X", TensorProto.FLOAT, [None, 400, 1000])],
        [graphs.tensor("total", TensorProto.FLOAT, [None])],
        zeros=np.zeros((160, 1, 1), np.float32),
        first=np.array([1]),
        all=np.array([1, 2, 3]),
    )


def unreadable() -> onnx.ModelProto:
    """x [n] -> y [n]: the number that a text is, and the one that is made up is none."""
    return graphs.model(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.FLOAT)],
        [graphs.tensor("x", TensorProto.STRING, [None])],
        [graphs.tensor("y", TensorProto.FLOAT, [None])],
    )


def fickle() -> onnx.ModelProto:
    """X [n, 2] -> total [n, 1], of which its golden row says something else."""
    return graphs.total()


def save_all(directory: Path) -> Path:
    for make in (big, slow, hungry, unreadable, fickle):
        version = graphs.save(make(), directory / make.__name__ / "1")
    golden = {"instances": [[1, 2]], "predictions": [{"total": 4}]}
    (version / "golden.json").write_text(json.dumps(golden))
    return directory


def context(**settings: object) -> dict[str, Any]:
    """cdk.json's, with the stage `made` alone."""
    document = read_context()
    stage = document["stages"]["dev"] | STAGE | settings
    return document | {"stage": "made", "stages": {"made": stage}}
