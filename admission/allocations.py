"""Allocations: a graph's own constants size no tensor beyond what a function's memory holds."""

from __future__ import annotations

from onnx import ModelProto, TensorProto, ValueInfoProto

from admission.nodes import every_graph
from admission.weights import size_bytes
from serving.errors import ConfigurationError

# Of the 10,240 MiB that a function can have, more than one tensor can ever take.
MAX_TENSOR_BYTES = 8 * 2**30


def require_allocatable(model: ModelProto) -> None:
    """Of a model whose shapes are inferred; raises ConfigurationError."""
    for graph in every_graph(model):
        for info in (*graph.input, *graph.value_info, *graph.output):
            _require_size(info)


def _require_size(info: ValueInfoProto) -> None:
    tensor = info.type.tensor_type
    dims = [dim.dim_value for dim in tensor.shape.dim]
    if dims and size_bytes(tensor.elem_type, dims) > MAX_TENSOR_BYTES:
        raise ConfigurationError(
            f"tensor {info.name!r}: expected up to {MAX_TENSOR_BYTES:,} bytes, which a function "
            f"may have, got {TensorProto.DataType.Name(tensor.elem_type)} {dims}"
        )
