"""A PyTorch network as an ONNX graph that agrees with it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from training.session import answer, session_of

OPSET = 20
TOLERANCE = 1e-4  # onnxruntime against PyTorch


def to_onnx(
    network: nn.Module, examples: Mapping[str, Tensor], output: str, *, dynamic: Mapping[int, Dim]
) -> bytes:
    """`examples` has a tensor for each input, in the order of the network's arguments; `dynamic`
    names the axes of all of them that may have any length."""
    program = torch.onnx.export(
        network, tuple(examples.values()), dynamo=True, verbose=False, opset_version=OPSET,
        input_names=list(examples), output_names=[output],
        dynamic_shapes={name: dict(dynamic) for name in examples},
    )  # fmt: skip
    model = _without_origins(program.model_proto)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def _without_origins(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the lines of Python, and their paths, that each node came from."""
    graph = model.graph
    for part in [graph, *graph.node, *graph.value_info, *graph.input, *graph.output]:
        part.ClearField("metadata_props")
    for node in graph.node:
        node.ClearField("doc_string")
    return model


def require_agreement(network: nn.Module, graph: bytes, inputs: Mapping[str, Tensor]) -> None:
    """Raises AssertionError where onnxruntime and PyTorch differ."""
    with torch.no_grad():
        expected = network(*inputs.values()).numpy()
    arrays = {name: tensor.numpy() for name, tensor in inputs.items()}
    np.testing.assert_allclose(answer(session_of(graph), arrays), expected, atol=TOLERANCE)
