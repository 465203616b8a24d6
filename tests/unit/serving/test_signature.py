"""The signature is what the graph declares, and says how its rows run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from onnx import TensorProto, helper

from serving.errors import ConfigurationError
from serving.signature import ANY, Signature, Tensor, read_signature
from tests import graphs
from tests.conftest import LoadModel


@dataclass
class Node:
    """What onnxruntime tells of an input or output."""

    name: str
    type: str
    shape: list[int | str | None] = field(default_factory=lambda: [None, 1])


@pytest.mark.parametrize(
    ("declared", "datatype", "dtype"),
    [
        ("bool", "BOOL", np.bool_),
        ("int8", "INT8", np.int8),
        ("int16", "INT16", np.int16),
        ("int32", "INT32", np.int32),
        ("int64", "INT64", np.int64),
        ("uint8", "UINT8", np.uint8),
        ("uint16", "UINT16", np.uint16),
        ("uint32", "UINT32", np.uint32),
        ("uint64", "UINT64", np.uint64),
        ("float16", "FP16", np.float16),
        ("float", "FP32", np.float32),
        ("double", "FP64", np.float64),
        ("string", "BYTES", np.object_),
    ],
)
def test_every_plain_tensor_has_a_datatype_and_a_numpy_type(
    declared: str, datatype: str, dtype: type[np.generic]
) -> None:
    node = Node("x", f"tensor({declared})")

    signature = read_signature([node], [node])

    assert signature.inputs == signature.outputs == (Tensor("x", datatype, (ANY, 1)),)
    assert signature.inputs[0].dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    ("declared", "shape"),
    [
        ([None, 3], (ANY, 3)),
        (["batch", "time"], (ANY, ANY)),
        ([-1, 3], (ANY, 3)),
        ([1, 0], (1, 0)),
        ([], ()),
    ],
)
def test_an_extent_that_is_not_fixed_is_open(
    declared: list[int | str | None], shape: tuple[int, ...]
) -> None:
    signature = read_signature([Node("x", "tensor(float)", declared)], [])

    assert signature.inputs[0].shape == shape


@pytest.mark.parametrize("key", ["int64", "string"])
def test_class_probabilities_are_a_map_per_row(key: str) -> None:
    node = Node("probabilities", f"seq(map({key},tensor(float)))", [])

    signature = read_signature([], [node])

    assert signature.outputs == (Tensor("probabilities", "MAP", (ANY,)),)


@pytest.mark.parametrize(
    "declared",
    [
        "tensor(bfloat16)",
        "tensor(complex64)",
        "sparse_tensor(float)",
        "seq(tensor(float))",
        "optional(tensor(float))",
        "map(int64,tensor(float))",
    ],
)
def test_a_type_that_no_door_can_carry_is_refused(declared: str) -> None:
    node = Node("x", declared)

    with pytest.raises(ConfigurationError) as refused_input:
        read_signature([node], [])
    with pytest.raises(ConfigurationError) as refused_output:
        read_signature([], [node])

    tensors = "a tensor of booleans, integers, floats or strings"
    assert str(refused_input.value) == f"input 'x': expected {tensors}, got {declared}"
    assert str(refused_output.value) == (
        f"output 'x': expected {tensors}, or a map per row, got {declared}"
    )


def test_a_map_is_no_input() -> None:
    with pytest.raises(ConfigurationError):
        read_signature([Node("x", "seq(map(int64,tensor(float)))")], [])


def test_a_graph_of_several_inputs_and_outputs_keeps_their_order(load_model: LoadModel) -> None:
    signature = load_model(graphs.sale()).signature

    assert signature == Signature(
        inputs=(
            Tensor("area", "FP32", (ANY, 1)),
            Tensor("rooms", "INT64", (ANY, 1)),
            Tensor("kind", "BYTES", (ANY, 1)),
        ),
        outputs=(
            Tensor("price", "FP32", (ANY, 1)),
            Tensor("kind_out", "BYTES", (ANY, 1)),
        ),
    )


def test_a_scikit_learn_classifier_has_a_label_and_a_map(load_model: LoadModel) -> None:
    signature = load_model(graphs.classifier()).signature

    assert signature == Signature(
        inputs=(Tensor("X", "FP32", (ANY, 2)),),
        outputs=(Tensor("label", "BYTES", (ANY,)), Tensor("probabilities", "MAP", (ANY,))),
    )


def test_weights_are_no_inputs(load_model: LoadModel) -> None:
    signature = load_model(graphs.linear(3)).signature

    assert [tensor.name for tensor in signature.inputs] == ["X"]


def test_a_graph_with_a_sequence_for_input_does_not_load(load_model: LoadModel) -> None:
    sequence = helper.make_tensor_sequence_value_info("tensors", TensorProto.FLOAT, [None])
    length = helper.make_node("SequenceLength", ["tensors"], ["n"])
    graph = graphs.model([length], [sequence], [graphs.tensor("n", TensorProto.INT64, [])])

    with pytest.raises(ConfigurationError, match=r"^input 'tensors': expected a tensor of"):
        load_model(graph)


@pytest.mark.parametrize(
    ("shapes", "batch_size", "is_tabular"),
    [
        ([(ANY, 4)], ANY, True),
        ([(ANY,)], ANY, True),
        ([(ANY, 1), (ANY, 1), (ANY,)], ANY, True),
        ([(ANY, ANY)], ANY, True),
        ([(ANY, 3, 32, 32)], ANY, False),
        ([(ANY, 1), (ANY, 2, 2)], ANY, False),
        ([(1, 4)], 1, False),
        ([(1, 4), (1, 2)], 1, False),
        ([(1,)], 1, False),
        ([(8, 4)], None, False),
        ([(0, 4)], None, False),
        ([(ANY, 4), (1, 4)], None, False),
        ([(ANY, 4), ()], None, False),
        ([()], None, False),
        ([], None, False),
    ],
)
def test_how_many_rows_run_together_follows_from_the_first_axes(
    shapes: list[tuple[int, ...]], batch_size: int | None, *, is_tabular: bool
) -> None:
    inputs = tuple(Tensor(f"x{i}", "FP32", shape) for i, shape in enumerate(shapes))

    signature = Signature(inputs, ())

    assert (signature.batch_size, signature.is_tabular) == (batch_size, is_tabular)


@pytest.mark.parametrize(
    ("shape", "row_shape", "row_is_scalar"),
    [
        ((ANY,), (), True),
        ((ANY, 1), (1,), True),
        ((ANY, 2), (2,), False),
        ((ANY, ANY), (ANY,), False),
        ((ANY, 1, 1), (1, 1), False),
    ],
)
def test_a_row_is_everything_behind_the_batch_axis(
    shape: tuple[int, ...], row_shape: tuple[int, ...], *, row_is_scalar: bool
) -> None:
    tensor = Tensor("x", "FP32", shape)

    assert (tensor.row_shape, tensor.row_is_scalar) == (row_shape, row_is_scalar)
