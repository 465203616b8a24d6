"""Soundness: a graph in canonical form is the ONNX that it claims to be."""

from __future__ import annotations

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto

from serving.errors import ConfigurationError


def sound(model: ModelProto) -> ModelProto:
    """A model in canonical form with the types, and the shapes where they can be told, of all its
    tensors.

    Raises ConfigurationError where the ONNX checker refuses it, or an output is of another type
    than declared. Shapes may differ: onnxruntime, too, takes what is computed for what is true.
    """
    _require_outputs(model)
    typed = inferred(model)
    for told, declared in zip(typed.graph.output, model.graph.output, strict=True):
        _require_type(told, declared)
        if told.type.WhichOneof("value") is None:
            told.CopyFrom(declared)
        if told.type.HasField("tensor_type"):
            told.type.tensor_type.shape.SetInParent()  # of unknown rank; the checker wants one
    try:
        onnx.checker.check_model(typed)
    except onnx.checker.ValidationError as error:
        sentence = " ".join(str(error).split())
        raise ConfigurationError(
            f"expected valid ONNX, but its checker says: {sentence}"
        ) from error
    return typed


def _require_outputs(model: ModelProto) -> None:
    graph = model.graph
    there = {
        *(info.name for info in graph.input),
        *(tensor.name for tensor in graph.initializer),
        *(sparse.values.name for sparse in graph.sparse_initializer),
        *(name for node in graph.node for name in node.output),
    }
    for info in graph.output:
        if info.name not in there:
            raise ConfigurationError(
                f"output {info.name!r}: expected a node that gives it, got none"
            )


def inferred(model: ModelProto) -> ModelProto:
    """With outputs as they are computed, whatever is declared; what cannot be told is left out."""
    undeclared = ModelProto()
    undeclared.CopyFrom(model)
    for info in undeclared.graph.output:
        info.ClearField("type")
    try:
        return onnx.shape_inference.infer_shapes(undeclared, data_prop=True)
    except onnx.shape_inference.InferenceError:
        return undeclared


def _require_type(told: ValueInfoProto, declared: ValueInfoProto) -> None:
    types = [info.type.tensor_type.elem_type for info in (told, declared)]
    if all(types) and types[0] != types[1]:
        computed, claimed = map(TensorProto.DataType.Name, types)
        raise ConfigurationError(
            f"output {declared.name!r}: expected {claimed}, as declared, got {computed}, as "
            "computed; export the model anew"
        )
