"""The signature as a model file declares it, read without running or even loading the graph.

For what deploys and for tools; who can open a session asks that. It needs the `onnx` package, which
no image carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import ModelProto, TensorProto, TypeProto, ValueInfoProto

from serving.errors import ConfigurationError
from serving.signature import Signature, read_signature

# Protobuf's limit.
MAX_BYTES = 2**31 - 1
GIT_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(slots=True)
class _Declared:
    """A signature.NodeArg, in onnxruntime's words."""

    name: str
    type: str
    shape: list[int | str | None]


def read_graph(path: Path) -> Signature:
    """The inputs and outputs that onnxruntime would name; external data stays unread.

    Raises ConfigurationError, naming the file, where it is no ONNX model, and as read_signature.
    """
    return declared_signature(read_model(path))


def read_model(path: Path) -> ModelProto:
    """Without external data; raises ConfigurationError, naming the file, where it is no model."""
    try:
        size_bytes = path.stat().st_size
        if size_bytes > MAX_BYTES:
            raise ConfigurationError(
                f"{path}: expected up to {MAX_BYTES:,} bytes, got {size_bytes:,}; save the weights "
                "as external data beside the model"
            )
        _require_content(path)
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except OSError as error:
        raise ConfigurationError(f"{path}: expected an ONNX model, got {error}") from error
    except DecodeError as error:
        raise ConfigurationError(f"{path}: expected an ONNX model, got something else") from error
    if not model.graph.output:
        raise ConfigurationError(f"{path}: expected an ONNX model, got one without an output")
    return model


def _require_content(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(GIT_LFS))
    if not start:
        raise ConfigurationError(f"{path}: expected an ONNX model, got an empty file")
    if start == GIT_LFS:
        raise ConfigurationError(
            f"{path}: expected an ONNX model, got git-lfs's pointer to it; `git lfs pull` fetches "
            "the model"
        )


def declared_signature(model: ModelProto) -> Signature:
    """Raises ConfigurationError where the doors cannot carry what the graph declares."""
    graph = _with_shapes(model).graph
    # An initializer among the inputs is a weight that callers need not give.
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [_declared(info) for info in graph.input if info.name not in weights]
    return read_signature(inputs, [_declared(info) for info in graph.output])


def _with_shapes(model: ModelProto) -> ModelProto:
    """onnxruntime infers the shape of an output that declares none."""
    if all(info.type.tensor_type.HasField("shape") for info in model.graph.output):
        return model
    return onnx.shape_inference.infer_shapes(model)


def _declared(info: ValueInfoProto) -> _Declared:
    return _Declared(info.name, _type(info.type), _shape(info.type.tensor_type))


def _type(declared: TypeProto) -> str:
    match declared.WhichOneof("value"):
        case "tensor_type":
            return f"tensor({_element(declared.tensor_type.elem_type)})"
        case "sequence_type":
            return f"seq({_type(declared.sequence_type.elem_type)})"
        case "map_type":
            mapped = declared.map_type
            return f"map({_element(mapped.key_type)},{_type(mapped.value_type)})"
        case other:
            return other or "nothing"


def _element(kind: int) -> str:
    """onnxruntime's word is ONNX's own in small letters."""
    name: str = TensorProto.DataType.Name(kind)
    return name.lower()


def _shape(declared: TypeProto.Tensor) -> list[int | str | None]:
    return [
        dimension.dim_value if dimension.HasField("dim_value") else dimension.dim_param or None
        for dimension in declared.shape.dim
    ]
