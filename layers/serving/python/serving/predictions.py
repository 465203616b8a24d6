"""Predictions: what the graph answered, under the names and labels that callers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from serving.card import Card, naming
from serving.card_outputs import Output
from serving.coercion import Array
from serving.errors import ConfigurationError, ModelError
from serving.signature import ANY, Signature, Tensor

if TYPE_CHECKING:
    from serving.derivation import Derivation

# One entry per row; everything in it goes through orjson with OPT_SERIALIZE_NUMPY, which writes the
# shortest text that gives back the same float, and null for NaN and infinities.
Values = Array | list[Any]
# What a run gives for one output: a tensor's array, or for a MAP one dictionary per row.
Raw = Array | list[dict[Any, Any]]


class NamedOutput(NamedTuple):
    """A graph output under the name it has in answers; see card_outputs.Output for `labels`.

    Where the card derives something from it, `tensor` is what entries are then: one that the graph
    does not declare.
    """

    name: str
    tensor: Tensor
    labels: tuple[str, ...] = ()
    derivation: Derivation | None = None

    @property
    def source(self) -> Tensor:
        """The graph's output."""
        return self.tensor if self.derivation is None else self.derivation.source


def named_outputs(signature: Signature, card: Card) -> tuple[NamedOutput, ...]:
    """The outputs that answers carry: the card's, or without any all of the graph's.

    Raises ConfigurationError where the card names an output that the graph does not have.
    """
    if not card.outputs:
        return tuple(NamedOutput(tensor.name, tensor) for tensor in signature.outputs)
    tensors = {tensor.name: tensor for tensor in signature.outputs}
    with naming(card.source):
        return tuple(_named(output, tensors) for output in card.outputs)


def _named(output: Output, tensors: Mapping[str, Tensor]) -> NamedOutput:
    tensor = tensors.get(output.tensor)
    key = f"outputs.{output.name}"
    if tensor is None:
        expected = f"one of the graph's outputs {', '.join(tensors)}"
        raise ConfigurationError(f"{key}.tensor: expected {expected}, got {output.tensor!r}")
    if output.is_derived:
        # A model that answers with the graph's own values starts without it.
        from serving.derivation import derive  # noqa: PLC0415

        entries, derivation = derive(output, tensor)
        return NamedOutput(output.name, entries, output.labels, derivation)
    if output.labels:
        _check_labels(output.labels, tensor, key=f"{key}.labels")
    return NamedOutput(output.name, tensor, output.labels)


def _check_labels(labels: Sequence[str], tensor: Tensor, *, key: str) -> None:
    classes = tensor.row_is_scalar and tensor.datatype.startswith(("BOOL", "INT", "UINT"))
    columns = len(tensor.row_shape) == 1 and not tensor.row_is_scalar
    # Without a shape, only a run can tell.
    if tensor.shape and not (classes or columns):
        raise ConfigurationError(
            f"{key}: expected none, since {tensor.name!r} is {tensor.datatype} "
            f"{list(tensor.shape)}, neither a class nor a row of columns"
        )
    if columns and len(labels) != tensor.row_shape[0] != ANY:
        raise ConfigurationError(
            f"{key}: expected {tensor.row_shape[0]} of them, got {len(labels)}"
        )


def encode(raw: Mapping[str, Raw], outputs: Sequence[NamedOutput]) -> dict[str, Values]:
    """Each output's values, row by row; raises ModelError where they and the labels differ."""
    return {output.name: _values(raw[output.source.name], output) for output in outputs}


def as_objects(values: Mapping[str, Values]) -> list[dict[str, Any]]:
    """One object per row: the output's name and its value."""
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def as_json(values: Mapping[str, Values]) -> list[str]:
    """The objects of `as_objects`, each as JSON text: for numbers at a third of the price."""
    members = (f"{orjson.dumps(name).decode()}:" for name in values)
    template = "{" + ",".join(member.replace("%", "%%") + "%s" for member in members) + "}"
    return [template % row for row in zip(*map(_json_texts, values.values()), strict=True)]


def _json_texts(values: Values) -> list[str]:
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return _json_text(values)[1:-1].split(",")
    return [_json_text(value) for value in values]


def _json_text(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _values(raw: Raw, output: NamedOutput) -> Values:
    if output.derivation is not None:
        raw = output.derivation.values(raw)
    if output.tensor.datatype == "RANKING":
        return raw
    if isinstance(raw, list):
        return [_map(entry) for entry in raw]
    array: Array = raw.reshape(len(raw)) if raw.size == len(raw) else raw
    # onnxruntime's int64 is numpy's longlong, whose scalars orjson does not know.
    values = array if array.dtype.kind == "f" else array.tolist()
    if not output.labels:
        return values
    if array.ndim == 1:
        return [_label(index, output) for index in array.tolist()]
    _check_width(array, output)
    return [dict(zip(output.labels, row, strict=True)) for row in values]


def _map(entry: Mapping[Any, float]) -> dict[str, Any]:
    return {str(key): np.float32(value) for key, value in entry.items()}


def _check_width(array: Array, output: NamedOutput) -> None:
    shape = (len(output.labels),)
    if array.shape[1:] != shape:
        raise ModelError(
            f"output {output.name!r}: expected rows of shape {list(shape)}, one for each label, "
            f"got {list(array.shape[1:])}"
        )


def _label(index: object, output: NamedOutput) -> str:
    if isinstance(index, int) and 0 <= index < len(output.labels):
        return output.labels[index]
    expected = f"a class from 0 to {len(output.labels) - 1}"
    raise ModelError(f"output {output.name!r}: expected {expected}, got {index}")
