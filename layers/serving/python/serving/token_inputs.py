"""The inputs of a graph that a text's tokens go to."""

from __future__ import annotations

from collections.abc import Iterable

from serving.card_texts import TENSORS, TextOptions
from serving.errors import ConfigurationError
from serving.signature import ANY, Signature, Tensor

TYPES = {"INT32", "INT64"}


def token_inputs(
    name: str, options: TextOptions, signature: Signature
) -> tuple[TextOptions, tuple[Tensor, ...]]:
    """What the card leaves open in a feature's options, told from the graph; and in the order of
    their `tensors`, the graph's inputs in the width that they are filled with.

    Raises ConfigurationError.
    """
    key = f"features.{name}"
    inputs = _inputs(options, signature, key)
    width = _width(options, inputs.values(), key)
    if options.padding == "longest":
        _require_trimmable(inputs, key)
    tensors = {role: tensor.name for role, tensor in inputs.items()}
    filled = (tensor._replace(shape=(tensor.shape[0], width)) for tensor in inputs.values())
    return options._replace(max_tokens=width, tensors=tensors), tuple(filled)


def _inputs(options: TextOptions, signature: Signature, key: str) -> dict[str, Tensor]:
    """By what they are filled with; all that the graph has."""
    there = {tensor.name: tensor for tensor in signature.inputs}
    inputs = {}
    for role in TENSORS:
        name = options.tensors.get(role, role)
        if name in there:
            inputs[role] = _checked(there[name], key)
        elif role in options.tensors or role == TENSORS[0]:
            expected = f"one of the graph's inputs {', '.join(there)}"
            raise ConfigurationError(f"{key}.tensors.{role}: expected {expected}, got {name!r}")
    return inputs


def _checked(tensor: Tensor, key: str) -> Tensor:
    if tensor.datatype in TYPES and len(tensor.row_shape) == 1:
        return tensor
    raise ConfigurationError(
        f"{key}.tensors: expected inputs of INT32 or INT64 with a row of tokens for each text, "
        f"{tensor.name!r} is {tensor.datatype} {list(tensor.shape)}"
    )


def _width(options: TextOptions, inputs: Iterable[Tensor], key: str) -> int:
    declared = {tensor.row_shape[0] for tensor in inputs} - {ANY}
    widths = declared | ({options.max_tokens} - {None})
    match [*widths]:
        case [int(width)]:
            return width
        case []:
            raise ConfigurationError(f"{key}.max_tokens: expected a whole number, got nothing")
    raise ConfigurationError(
        f"{key}.max_tokens: expected the width of the graph's inputs, "
        f"{' and '.join(map(str, sorted(declared)))}, got {options.max_tokens or 'nothing'}"
    )


def _require_trimmable(inputs: dict[str, Tensor], key: str) -> None:
    """Padding may only vary where the graph is told what is padding, and takes any width."""
    if "attention_mask" not in inputs or any(t.row_shape != (ANY,) for t in inputs.values()):
        raise ConfigurationError(
            f'{key}.padding: expected "fixed", unless the graph has an input for attention_mask '
            'and takes rows of any width, got "longest"'
        )
