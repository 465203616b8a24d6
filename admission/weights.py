"""Weights: every tensor that a model brings along, each as long as its type and shape say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from onnx import AttributeProto, ModelProto, SparseTensorProto, TensorProto
from onnx.helper import tensor_dtype_to_field

from admission.nodes import every_attribute, every_graph
from serving.errors import ConfigurationError

# Of the types that onnxruntime has.
BITS: Mapping[int, int] = {
    **dict.fromkeys((TensorProto.UINT2, TensorProto.INT2), 2),
    **dict.fromkeys((TensorProto.UINT4, TensorProto.INT4, TensorProto.FLOAT4E2M1), 4),
    **dict.fromkeys((TensorProto.BOOL, TensorProto.INT8, TensorProto.UINT8), 8),
    **dict.fromkeys((TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ), 8),
    **dict.fromkeys((TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ), 8),
    **dict.fromkeys((TensorProto.FLOAT8E8M0,), 8),
    **dict.fromkeys((TensorProto.INT16, TensorProto.UINT16), 16),
    **dict.fromkeys((TensorProto.FLOAT16, TensorProto.BFLOAT16), 16),
    **dict.fromkeys((TensorProto.INT32, TensorProto.UINT32, TensorProto.FLOAT), 32),
    **dict.fromkeys((TensorProto.INT64, TensorProto.UINT64, TensorProto.DOUBLE), 64),
    **dict.fromkeys((TensorProto.COMPLEX64,), 64),
    **dict.fromkeys((TensorProto.COMPLEX128,), 128),
}
COMPLEX = {TensorProto.COMPLEX64, TensorProto.COMPLEX128}
# onnxruntime unpacks a sparse tensor when it loads, into one that could be no initializer itself.
MAX_DENSE_BYTES = 2**31 - 1


class Weight(NamedTuple):
    """A tensor, and where it is in words."""

    where: str
    tensor: TensorProto

    @property
    def is_external(self) -> bool:
        return self.tensor.data_location == TensorProto.EXTERNAL


def weights(model: ModelProto) -> Iterator[Weight]:
    """Every tensor, those in bodies, attributes, functions and sparse tensors included."""
    for graph in every_graph(model):
        for tensor in graph.initializer:
            yield Weight(f"initializer {tensor.name!r}", tensor)
    for owner, attribute in every_attribute(model):
        for tensor in tensors_in(attribute):
            yield Weight(f"{owner}, attribute {attribute.name!r}", tensor)
    for where, sparse in sparse_weights(model):
        yield Weight(f"{where}, values", sparse.values)
        yield Weight(f"{where}, indices", sparse.indices)


def sparse_weights(model: ModelProto) -> Iterator[tuple[str, SparseTensorProto]]:
    for graph in every_graph(model):
        for sparse in graph.sparse_initializer:
            yield f"sparse initializer {sparse.values.name!r}", sparse
    for owner, attribute in every_attribute(model):
        for sparse in _sparse_in(attribute):
            yield f"{owner}, attribute {attribute.name!r}", sparse


def tensors_in(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors


def _sparse_in(attribute: AttributeProto) -> Iterator[SparseTensorProto]:
    if attribute.HasField("sparse_tensor"):
        yield attribute.sparse_tensor
    yield from attribute.sparse_tensors


def size_bytes(data_type: int, dims: Sequence[int]) -> int:
    """What a tensor of numbers takes; of strings, or of a type that is unknown, the least."""
    return -(-math.prod(dims) * BITS.get(data_type, 8) // 8)


def require_honest_weights(model: ModelProto) -> None:
    """Raises ConfigurationError where a tensor holds more or less than it declares."""
    for weight in weights(model):
        _require_shape(weight)
        if not weight.is_external:
            _require_data(weight)
    for where, sparse in sparse_weights(model):
        _require_dense_size(where, sparse)


def _require_shape(weight: Weight) -> None:
    tensor = weight.tensor
    if tensor.data_type not in BITS and tensor.data_type != TensorProto.STRING:
        raise ConfigurationError(
            f"{weight.where}: expected a type that onnxruntime has, got {_type(tensor)}"
        )
    if any(extent < 0 for extent in tensor.dims):
        raise ConfigurationError(
            f"{weight.where}: expected a shape without negative extents, got {[*tensor.dims]}"
        )


def _require_data(weight: Weight) -> None:
    """In one of the two places that ONNX has for it."""
    tensor = weight.tensor
    if tensor.HasField("raw_data") and tensor.data_type != TensorProto.STRING:
        expected, got = size_bytes(tensor.data_type, tensor.dims), len(tensor.raw_data)
        unit = "bytes"
    else:
        expected, got = (
            _elements(tensor),
            len(getattr(tensor, tensor_dtype_to_field(tensor.data_type))),
        )
        unit = "elements"
    if expected != got:
        raise ConfigurationError(
            f"{weight.where}: expected {expected:,} {unit}, as {_type(tensor)} {[*tensor.dims]} "
            f"says, got {got:,}; export the model anew"
        )


def _elements(tensor: TensorProto) -> int:
    """How many numbers, or strings, are a tensor's data outside `raw_data`."""
    count = math.prod(tensor.dims)
    if tensor.data_type in COMPLEX:
        return 2 * count
    packed = 8 // min(8, BITS.get(tensor.data_type, 8))
    return -(-count // packed)


def _require_dense_size(where: str, sparse: SparseTensorProto) -> None:
    dense = size_bytes(sparse.values.data_type, sparse.dims)
    if not 0 <= dense <= MAX_DENSE_BYTES:
        raise ConfigurationError(
            f"{where}: expected up to {MAX_DENSE_BYTES:,} bytes when it is unpacked, got "
            f"{[*sparse.dims]}, {dense:,} bytes"
        )


def _type(tensor: TensorProto) -> str:
    known = tensor.data_type in TensorProto.DataType.values()
    return TensorProto.DataType.Name(tensor.data_type) if known else f"type {tensor.data_type}"
