"""Features: which cell of a row lands where in which tensor, and what it may hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, Self

from serving.card import Card, Feature
from serving.coercion import coerce
from serving.errors import ConfigurationError
from serving.signature import ANY, Signature, Tensor

FLOATS = {"FP16", "FP32", "FP64"}


class Column(NamedTuple):
    """One cell of each row: column `position` of a wide input, or its whole row where None.

    `feature` is what the card says of it; None without a card.
    """

    name: str
    tensor: Tensor
    position: int | None = None
    feature: Feature | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one cell: () for a scalar, else that of a nested array."""
        if self.position is not None or self.tensor.row_is_scalar:
            return ()
        return self.tensor.row_shape


class Columns(tuple[Column, ...]):
    """Columns in the order in which an array gives a row's cells, and what every request asks of
    them, worked out once; `Columns(columns)` of a model's is itself."""

    def __new__(cls, columns: Iterable[Column]) -> Self:
        return columns if isinstance(columns, cls) else super().__new__(cls, columns)

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self]

    @cached_property
    def row_size(self) -> int:
        """The cells of a row; an open extent counts as one."""
        return sum(math.prod(map(abs, column.shape)) for column in self)

    @cached_property
    def groups(self) -> list[list[Column]]:
        """Those that are coerced at once: all scalars of one type; an array alone."""
        arrays = [[column] for column in self if column.shape]
        scalars: dict[str, list[Column]] = {}
        for column in self:
            if not column.shape:
                scalars.setdefault(column.tensor.datatype, []).append(column)
        return [*arrays, *scalars.values()]

    @cached_property
    def fit_a_matrix(self) -> bool:
        """Whether they are one group, of scalars of a float type."""
        if len(self.groups) != 1:
            return False
        first = self[0]
        return not first.shape and first.tensor.datatype in FLOATS


def plan(signature: Signature, card: Card) -> Columns:
    """The columns of a model.

    Raises ConfigurationError where the card's features and the graph's inputs do not fit.
    """
    if not card.features:
        return Columns(column for tensor in signature.inputs for column in _unnamed(tensor))
    owners = [_tensor_of(feature, signature, card) for feature in card.features]
    columns = {
        column.name: column
        for tensor in signature.inputs
        for column in _named(
            tensor,
            [f for f, owner in zip(card.features, owners, strict=True) if owner == tensor],
        )
    }
    return Columns(columns[feature.name] for feature in card.features)


def _unnamed(tensor: Tensor) -> Iterable[Column]:
    if len(tensor.row_shape) == 1 and tensor.row_shape[0] > 1:
        for position in range(tensor.row_shape[0]):
            yield Column(f"{tensor.name}_{position}", tensor, position)
    else:
        yield Column(tensor.name, tensor)


def _tensor_of(feature: Feature, signature: Signature, card: Card) -> Tensor:
    inputs = {tensor.name: tensor for tensor in signature.inputs}
    name = feature.tensor or feature.name
    if name in inputs:
        return inputs[name]
    taken = {other.tensor or other.name for other in card.features}
    free = [tensor for tensor in signature.inputs if tensor.name not in taken]
    if feature.tensor is None and len(free) == 1:
        return free[0]
    raise ConfigurationError(
        f"model.toml: features.{feature.name}.tensor: expected one of the graph's inputs "
        f"{', '.join(inputs)}, got {name!r}"
    )


def _named(tensor: Tensor, features: Sequence[Feature]) -> Iterable[Column]:
    width = 1 if tensor.row_is_scalar or len(tensor.row_shape) != 1 else tensor.row_shape[0]
    if len(features) != width and not (features and width == ANY):
        expected = f"{width} feature(s) for input {tensor.name!r} {list(tensor.shape)}"
        raise ConfigurationError(f"model.toml: features: expected {expected}, got {len(features)}")
    for position, feature in enumerate(features):
        _check_kind(feature, tensor)
        _check_values(feature, tensor)
        wide = width > 1 or width == ANY
        yield Column(feature.name, tensor, position if wide else None, feature)


def _check_kind(feature: Feature, tensor: Tensor) -> None:
    if (feature.kind == "number") == (tensor.datatype == "BYTES"):
        raise ConfigurationError(
            f"model.toml: features.{feature.name}.kind: expected one that fits input "
            f"{tensor.name!r} of {tensor.datatype} (number: numeric, category and text: BYTES), "
            f"got {feature.kind!r}"
        )
    if feature.missing == "nan" and tensor.dtype.kind != "f":
        raise ConfigurationError(
            f'model.toml: features.{feature.name}.missing: "nan" needs a float input, '
            f"{tensor.name!r} is {tensor.datatype}"
        )


def _check_values(feature: Feature, tensor: Tensor) -> None:
    key = f"model.toml: features.{feature.name}"
    values = {"minimum": feature.minimum, "maximum": feature.maximum, "fill": feature.fill}
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float)}
    if len(tensor.row_shape) > 1 and (numbers or feature.categories or feature.missing != "reject"):
        raise ConfigurationError(
            f"{key}: expected no missing, categories, minimum or maximum, which hold for single "
            f"cells: input {tensor.name!r} is {list(tensor.shape)}"
        )
    for name, value in numbers.items():
        for expected in coerce([value], tensor.dtype).expected.values():
            raise ConfigurationError(
                f"{key}.{name}: expected {expected} for input {tensor.name!r}, got {value}"
            )
