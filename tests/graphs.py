"""Small ONNX graphs, built in memory: the models under test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)]


def tensor(name: str, kind: int, shape: Sequence[int | str | None] | None) -> onnx.ValueInfoProto:
    """`shape` None: not even the rank is declared."""
    return helper.make_tensor_value_info(name, kind, shape)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    **weights: np.ndarray[Any, Any],
) -> onnx.ModelProto:
    initializers = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=OPSET, ir_version=10)


def total(width: int = 2) -> onnx.ModelProto:
    """X [n, width] -> total [n, 1]: the sum of each row."""
    return model(
        [helper.make_node("MatMul", ["X", "ones"], ["total"])],
        [tensor("X", TensorProto.FLOAT, [None, width])],
        [tensor("total", TensorProto.FLOAT, [None, 1])],
        ones=np.ones((width, 1), np.float32),
    )


def identity(kind: int, shape: Sequence[int | str | None] = (None, 1)) -> onnx.ModelProto:
    """x -> y, unchanged."""
    return model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [tensor("x", kind, shape)],
        [tensor("y", kind, shape)],
    )


def linear(width: int, seed: int = 0) -> onnx.ModelProto:
    """X [n, width] -> y [n, 1]: random weights and a bias."""
    random = np.random.default_rng(seed)
    return model(
        [
            helper.make_node("MatMul", ["X", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["y"]),
        ],
        [tensor("X", TensorProto.FLOAT, [None, width])],
        [tensor("y", TensorProto.FLOAT, [None, 1])],
        weights=random.standard_normal((width, 1)).astype(np.float32),
        bias=random.standard_normal(1).astype(np.float32),
    )


def perceptron(width: int, hidden: int = 13, seed: int = 0) -> onnx.ModelProto:
    """X [n, width] -> y [n, 1]: one hidden layer of tanh."""
    random = np.random.default_rng(seed)
    return model(
        [
            helper.make_node("MatMul", ["X", "first"], ["a"]),
            helper.make_node("Tanh", ["a"], ["b"]),
            helper.make_node("MatMul", ["b", "second"], ["y"]),
        ],
        [tensor("X", TensorProto.FLOAT, [None, width])],
        [tensor("y", TensorProto.FLOAT, [None, 1])],
        first=random.standard_normal((width, hidden)).astype(np.float32),
        second=random.standard_normal((hidden, 1)).astype(np.float32),
    )


def boosted_stumps(width: int, trees: int = 100, seed: int = 0) -> onnx.ModelProto:
    """X [n, width] -> y [n, 1]: the sum of many one-split trees."""
    random = np.random.default_rng(seed)
    three = np.tile([0, 1, 2], trees)
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["X"],
        ["y"],
        domain="ai.onnx.ml",
        n_targets=1,
        nodes_treeids=np.repeat(np.arange(trees), 3).tolist(),
        nodes_nodeids=three.tolist(),
        nodes_featureids=np.where(three == 0, random.integers(0, width, 3 * trees), 0).tolist(),
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"] * trees,
        nodes_values=random.standard_normal(3 * trees).astype(np.float32).tolist(),
        nodes_truenodeids=np.where(three == 0, 1, 0).tolist(),
        nodes_falsenodeids=np.where(three == 0, 2, 0).tolist(),
        target_treeids=np.repeat(np.arange(trees), 2).tolist(),
        target_nodeids=[1, 2] * trees,
        target_ids=[0] * 2 * trees,
        target_weights=random.standard_normal(2 * trees).astype(np.float32).tolist(),
    )
    return model(
        [ensemble],
        [tensor("X", TensorProto.FLOAT, [None, width])],
        [tensor("y", TensorProto.FLOAT, [None, 1])],
    )


def classifier() -> onnx.ModelProto:
    """X [n, 2] -> label [n] and probabilities, one map per row: what scikit-learn exports."""
    classify = helper.make_node(
        "LinearClassifier",
        ["X"],
        ["label", "scores"],
        domain="ai.onnx.ml",
        classlabels_strings=["no", "yes"],
        coefficients=[1.0, 0.0, 0.0, 1.0],
        intercepts=[0.0, 0.0],
        post_transform="NONE",
    )
    zipmap = helper.make_node(
        "ZipMap",
        ["scores"],
        ["probabilities"],
        domain="ai.onnx.ml",
        classlabels_strings=["no", "yes"],
    )
    maps = helper.make_map_type_proto(
        TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    )
    return model(
        [classify, zipmap],
        [tensor("X", TensorProto.FLOAT, [None, 2])],
        [
            tensor("label", TensorProto.STRING, [None]),
            helper.make_value_info("probabilities", helper.make_sequence_type_proto(maps)),
        ],
    )


def sale() -> onnx.ModelProto:
    """area float, rooms int64, kind string -> price, kind_out: all of them [n, 1]."""
    return model(
        [
            helper.make_node("Cast", ["rooms"], ["rooms_float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["area", "rooms_float"], ["price"]),
            helper.make_node("Identity", ["kind"], ["kind_out"]),
        ],
        [
            tensor("area", TensorProto.FLOAT, [None, 1]),
            tensor("rooms", TensorProto.INT64, [None, 1]),
            tensor("kind", TensorProto.STRING, [None, 1]),
        ],
        [
            tensor("price", TensorProto.FLOAT, [None, 1]),
            tensor("kind_out", TensorProto.STRING, [None, 1]),
        ],
    )


def parser() -> onnx.ModelProto:
    """text [n, 1] string -> number [n, 1]: fails in the run on text that spells no number."""
    return model(
        [helper.make_node("Cast", ["text"], ["number"], to=TensorProto.FLOAT)],
        [tensor("text", TensorProto.STRING, [None, 1])],
        [tensor("number", TensorProto.FLOAT, [None, 1])],
    )


def save(graph: onnx.ModelProto, directory: Path, *, card: str | None = None) -> Path:
    """Write a version directory, and its card where it would stand: one directory up."""
    directory.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, directory / "model.onnx")
    if card is not None:
        (directory.parent / "model.toml").write_text(card)
    return directory
