"""Predictions: what the graph answered, under the names and labels that callers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serving.card import Card, Output
from serving.coercion import Array
from serving.errors import ConfigurationError, ModelError
from serving.signature import Signature, Tensor

# One entry per row; everything in it goes through orjson with OPT_SERIALIZE_NUMPY, which writes the
# shortest text that gives back the same float, and null for NaN and infinities.
Values = Array | list[Any]
# What a run gives for one output: a tensor's array, or for a MAP one dictionary per row.
Raw = Array | list[dict[Any, Any]]


@dataclass(frozen=True, slots=True)
class NamedOutput:
    """A graph output under the name it has in answers; see card.Output for `labels`."""

    name: str
    tensor: Tensor
    labels: tuple[str, ...] = ()


def named_outputs(signature: Signature, card: Card) -> tuple[NamedOutput, ...]:
    """The outputs that answers carry: the card's, or without any all of the graph's.

    Raises ConfigurationError where the card names an output that the graph does not have.
    """
    if not card.outputs:
        return tuple(NamedOutput(tensor.name, tensor) for tensor in signature.outputs)
    tensors = {tensor.name: tensor for tensor in signature.outputs}
    return tuple(_named(output, tensors) for output in card.outputs)


def _named(output: Output, tensors: Mapping[str, Tensor]) -> NamedOutput:
    tensor = tensors.get(output.tensor)
    key = f"model.toml: outputs.{output.name}"
    if tensor is None:
        expected = f"one of the graph's outputs {', '.join(tensors)}"
        raise ConfigurationError(f"{key}.tensor: expected {expected}, got {output.tensor!r}")
    width = tensor.row_shape[-1] if tensor.row_shape else 1
    if output.labels and width > 1 and len(output.labels) != width:
        raise ConfigurationError(
            f"{key}.labels: expected {width} of them, got {len(output.labels)}"
        )
    return NamedOutput(output.name, tensor, output.labels)


def encode(raw: Mapping[str, Raw], outputs: Sequence[NamedOutput]) -> dict[str, Values]:
    """Each named output's values, row by row; raises ModelError on a class without a label."""
    return {output.name: _values(raw[output.tensor.name], output) for output in outputs}


def as_objects(values: Mapping[str, Values]) -> list[dict[str, Any]]:
    """One object per row: the output's name and its value."""
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _values(raw: Raw, output: NamedOutput) -> Values:
    if isinstance(raw, list):
        return [_map(entry) for entry in raw]
    array: Array = raw.reshape(len(raw)) if raw.size == len(raw) else raw
    if not output.labels:
        return array.tolist() if array.dtype.kind == "O" else array
    if array.ndim > 1:
        return [dict(zip(output.labels, row, strict=True)) for row in array]
    return [_label(index, output) for index in array.tolist()]


def _map(entry: Mapping[Any, float]) -> dict[str, Any]:
    return {str(key): np.float32(value) for key, value in entry.items()}


def _label(index: object, output: NamedOutput) -> str:
    if isinstance(index, int) and 0 <= index < len(output.labels):
        return output.labels[index]
    expected = f"a class from 0 to {len(output.labels) - 1}"
    raise ModelError(f"output {output.name!r}: expected {expected}, got {index}")
