"""Features: which cell of a row lands where in which tensor, and what it may hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

from serving.card import Card, naming
from serving.card_features import Feature
from serving.coercion import coerce
from serving.errors import ConfigurationError
from serving.signature import ANY, Signature, Tensor

if TYPE_CHECKING:
    from serving.preparation import Preparation

FLOATS = {"FP16", "FP32", "FP64"}


class Column(NamedTuple):
    """One cell of each row: column `position` of a wide input, or its whole row where None.

    `feature` is what the card says of it; None without a card. `tensor` is the graph's input,
    unless its elements are made of cells that are something else: then it is one that nobody
    declares, of cells as they come, and `inputs` are the graph's: those that `preparation` fills
    whole, or the one in which encoded columns, from `position` on, stand side by side.
    """

    name: str
    tensor: Tensor
    position: int | None = None
    feature: Feature | None = None
    inputs: tuple[Tensor, ...] = ()
    preparation: Preparation | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one cell: () for a scalar, else that of a nested array."""
        if self.position is not None or self.tensor.row_is_scalar:
            return ()
        return self.tensor.row_shape

    @property
    def is_prepared(self) -> bool:
        return bool(self.inputs) and self.position is None

    @property
    def is_picture(self) -> bool:
        return self.feature is not None and self.feature.image is not None


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
    def pictures(self) -> list[Column]:
        return [column for column in self if column.is_picture]

    @cached_property
    def prepared_size(self) -> int:
        """The elements that the texts and pictures of a row become."""
        inputs = {tensor for column in self if column.is_prepared for tensor in column.inputs}
        return sum(math.prod(tensor.row_shape) for tensor in inputs)

    @cached_property
    def groups(self) -> list[list[Column]]:
        """Those that are filled at once: all scalars of one type; those that are prepared or
        encoded for the same inputs; an array alone."""
        arrays = [[column] for column in self if column.shape]
        others: dict[str | tuple[Tensor, ...], list[Column]] = {}
        for column in self:
            if not column.shape:
                others.setdefault(column.inputs or column.tensor.datatype, []).append(column)
        return [*arrays, *others.values()]

    @cached_property
    def fit_a_matrix(self) -> bool:
        """Whether they are one group, of scalars of a float type."""
        if len(self.groups) != 1:
            return False
        return all(not column.shape and column.tensor.datatype in FLOATS for column in self)


def plan(signature: Signature, card: Card) -> Columns:
    """The columns of a model, without the preparations that take a version's files.

    Raises ConfigurationError where the card's features and the graph's inputs do not fit.
    """
    if not card.features:
        return Columns(column for tensor in signature.inputs for column in _unnamed(tensor))
    with naming(card.source):
        return _planned(signature, card)


def _planned(signature: Signature, card: Card) -> Columns:
    columns = _prepared(signature, card)
    features, inputs = _rest(signature, card, columns)
    owners = [tensor_of(feature, inputs, features) for feature in features]
    for tensor in inputs:
        mine = [f for f, owner in zip(features, owners, strict=True) if owner == tensor]
        columns.update((column.name, column) for column in _named(tensor, mine))
    return Columns(columns[feature.name] for feature in card.features)


def _prepared(signature: Signature, card: Card) -> dict[str, Column]:
    """The columns of texts that are tokenized, and of pictures. Their features say what the card
    leaves to the graph, and their inputs have no open extents but that of the rows."""
    if all(f.text is None and f.image is None for f in card.features):
        return {}
    # A model of numbers and categories starts without it.
    from serving.picture_input import picture_input  # noqa: PLC0415
    from serving.token_inputs import token_inputs  # noqa: PLC0415

    columns: dict[str, Column] = {}
    for feature in card.features:
        if feature.text is not None:
            options, tokens = token_inputs(feature.name, feature.text, signature)
            seconds = [other for other in card.features if other.second_of == feature.name]
            for text in (feature._replace(text=options), *seconds):
                columns[text.name] = _column(text, tokens)
    features, inputs = _rest(signature, card, columns)
    for feature in features:
        if feature.image is not None:
            tensor = tensor_of(feature, inputs, features)
            image, pixels = picture_input(feature.name, feature.image, tensor)
            columns[feature.name] = _column(feature._replace(image=image), (pixels,))
    return columns


def _column(feature: Feature, inputs: tuple[Tensor, ...]) -> Column:
    return Column(feature.name, Tensor(feature.name, "BYTES", (ANY,)), None, feature, inputs)


def _rest(
    signature: Signature, card: Card, columns: Mapping[str, Column]
) -> tuple[list[Feature], list[Tensor]]:
    """The features without a column yet, and the inputs that no column fills."""
    taken = {tensor.name for column in columns.values() for tensor in column.inputs}
    features = [feature for feature in card.features if feature.name not in columns]
    return features, [tensor for tensor in signature.inputs if tensor.name not in taken]


def _unnamed(tensor: Tensor) -> Iterable[Column]:
    if len(tensor.row_shape) == 1 and tensor.row_shape[0] > 1:
        for position in range(tensor.row_shape[0]):
            yield Column(f"{tensor.name}_{position}", tensor, position)
    else:
        yield Column(tensor.name, tensor)


def tensor_of(feature: Feature, inputs: Sequence[Tensor], features: Sequence[Feature]) -> Tensor:
    """The input that a feature goes into, of those that are there for all of `features`."""
    named = {tensor.name: tensor for tensor in inputs}
    name = feature.tensor or feature.name
    if name in named:
        return named[name]
    taken = {other.tensor or other.name for other in features}
    free = [tensor for tensor in inputs if tensor.name not in taken]
    if feature.tensor is None and len(free) == 1:
        return free[0]
    if feature.kind == "text":
        for tensor in free:
            _require_strings(feature, tensor)
    raise ConfigurationError(
        f"features.{feature.name}.tensor: expected one of the graph's inputs "
        f"{', '.join(named)}, got {name!r}"
    )


def _require_strings(feature: Feature, tensor: Tensor) -> None:
    """Of a text that is not tokenized."""
    if tensor.datatype in {"INT32", "INT64"}:
        raise ConfigurationError(
            f"features.{feature.name}.tokenizer: expected one, whose tokens go into input "
            f"{tensor.name!r} of {tensor.datatype}, got nothing"
        )


def _named(tensor: Tensor, features: Sequence[Feature]) -> Iterable[Column]:
    for feature in features:
        if feature.kind == "text":
            _require_strings(feature, tensor)
    width = 1 if tensor.row_is_scalar or len(tensor.row_shape) != 1 else tensor.row_shape[0]
    widths = [feature.width for feature in features]
    if sum(widths) != width and not (features and width == ANY):
        counted = "" if sum(widths) == len(features) else ", one-hot ones by their categories"
        expected = f"{width} feature(s) for input {tensor.name!r} {list(tensor.shape)}"
        raise ConfigurationError(f"features: expected {expected}, got {sum(widths)}{counted}")
    if any(feature.is_encoded for feature in features):
        yield from _encoded(tensor, features)
        return
    for position, feature in enumerate(features):
        _check_kind(feature, tensor)
        _check_values(feature, tensor)
        wide = width > 1 or width == ANY
        yield Column(feature.name, tensor, position if wide else None, feature)


def _encoded(tensor: Tensor, features: Sequence[Feature]) -> Iterable[Column]:
    """The columns of an input of which some feature is encoded; the others stand beside it."""
    # A model of plain cells starts without it.
    from serving.encoding import encoded_cells  # noqa: PLC0415

    position = 0
    for feature in features:
        cells = encoded_cells(feature, tensor)
        _check_kind(feature, cells)
        _check_values(feature, cells)
        yield Column(feature.name, cells, position, feature, (tensor,))
        position += feature.width


def _check_kind(feature: Feature, tensor: Tensor) -> None:
    if (feature.kind == "number") == (tensor.datatype == "BYTES"):
        raise ConfigurationError(
            f"features.{feature.name}.kind: expected one that fits input "
            f"{tensor.name!r} of {tensor.datatype} (number: numeric; category: BYTES, or numeric "
            f"by encode or codes; text: BYTES), got {feature.kind!r}"
        )
    if feature.missing == "nan" and tensor.dtype.kind != "f":
        raise ConfigurationError(
            f'features.{feature.name}.missing: "nan" needs a float input, '
            f"{tensor.name!r} is {tensor.datatype}"
        )


def _check_values(feature: Feature, tensor: Tensor) -> None:
    key = f"features.{feature.name}"
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
