"""The signature: the tensors that an ONNX graph declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from serving.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY = -1

_NUMPY_TYPES: dict[str, type[np.generic]] = {
    "BOOL": np.bool_,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
    "BYTES": np.object_,
}

_TENSORS = {
    "tensor(bool)": "BOOL",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}

# What scikit-learn's converters declare for class probabilities: one map per row.
_MAPS = {"seq(map(int64,tensor(float)))", "seq(map(string,tensor(float)))"}


class NodeArg(Protocol):
    """What onnxruntime tells of one input or output."""

    name: str
    type: str
    shape: list[int | str | None]


class Tensor(NamedTuple):
    """One input or output. `datatype` is the Open Inference Protocol's name for it, MAP for a
    sequence of one map per row, or RANKING for what serving.derivation makes of scores; `shape` has
    -1 (ANY) wherever the graph leaves an extent open."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy type of its elements; object for BYTES, which onnxruntime takes as str."""
        return np.dtype(_NUMPY_TYPES[self.datatype])

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of one row: everything behind the batch axis."""
        return self.shape[1:]

    @property
    def row_is_scalar(self) -> bool:
        return self.row_shape in {(), (1,)}


class Signature(NamedTuple):
    """All inputs and outputs of a graph, in its order."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @property
    def batch_size(self) -> int | None:
        """Rows in one run: ANY, or 1 where the graph is fixed to it; None without a batch axis."""
        extents = {tensor.shape[0] if tensor.shape else None for tensor in self.inputs}
        extent = extents.pop() if len(extents) == 1 else None
        return extent if extent in {ANY, 1} else None

    @property
    def is_tabular(self) -> bool:
        """Whether each row is a handful of plain cells, in any number of rows."""
        return self.batch_size == ANY and all(len(tensor.row_shape) <= 1 for tensor in self.inputs)


def read_signature(inputs: Sequence[NodeArg], outputs: Sequence[NodeArg]) -> Signature:
    """A session's declarations; raises ConfigurationError on a type that no door can carry."""
    return Signature(tuple(map(_input, inputs)), tuple(map(_output, outputs)))


def _input(node: NodeArg) -> Tensor:
    if node.type not in _TENSORS:
        expected = "a tensor of booleans, integers, floats or strings"
        raise ConfigurationError(f"input {node.name!r}: expected {expected}, got {node.type}")
    return Tensor(node.name, _TENSORS[node.type], _shape(node))


def _output(node: NodeArg) -> Tensor:
    if node.type in _MAPS:
        return Tensor(node.name, "MAP", (ANY,))
    if node.type not in _TENSORS:
        expected = "a tensor of booleans, integers, floats or strings, or a map per row"
        raise ConfigurationError(f"output {node.name!r}: expected {expected}, got {node.type}")
    return Tensor(node.name, _TENSORS[node.type], _shape(node))


def _shape(node: NodeArg) -> tuple[int, ...]:
    return tuple(
        extent if isinstance(extent, int) and extent >= 0 else ANY for extent in node.shape
    )
