"""Origins: which inputs' values, not their shapes, reach a tensor of a graph, and how bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onnx import NodeProto, TensorProto

from serving.features import Column
from serving.signature import ANY

# What these give depends on shapes alone.
MEASURING = {"Shape", "Size"}
# What these give is no larger than shapes and their own constants allow, whatever comes in.
LIMITING = {
    *("And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual"),
    *("Not", "Or", "Xor", "ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "LabelEncoder"),
    *("HardSigmoid", "Hardmax", "Sigmoid", "Sign", "Softmax", "Tanh"),
}
# These inputs only choose among the elements of the others.
CHOOSING: Mapping[str, frozenset[int]] = {
    "ArrayFeatureExtractor": frozenset({1}),
    "Compress": frozenset({1}),
    "Gather": frozenset({1}),
    "GatherElements": frozenset({1}),
    "GatherND": frozenset({1}),
    "Where": frozenset({0}),
}
# These give elements as they came.
MOVING = {
    *("Concat", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "Reshape"),
    *("Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze", "Where"),
}
# These give the lower or the higher of elements as they came.
COMPARING = {"Clip", "Max", "Min"}
# A bound of up to this magnitude survives a cast to any of these: 2**32 as INT32 would be 0.
WIDE = {TensorProto.INT32, TensorProto.INT64, TensorProto.FLOAT, TensorProto.DOUBLE}
WIDE_MAXIMUM = 2**31 - 1
# The divisors next to 0 and -1; -1.5 would become -1 in a cast.
LEAST_POSITIVE = 1
GREATEST_NEGATIVE = -2


@dataclass(frozen=True, slots=True)
class Origin:
    """An input whose values reach a tensor.

    `floored` and `capped`: no lower, and no higher, than shapes, constants and the card allow.
    `divides`: still as the card bounds them, away from 0 and -1.
    """

    input: str
    floored: bool
    capped: bool
    divides: bool

    @property
    def limited(self) -> bool:
        return self.floored and self.capped


def unbounded(origin: Origin) -> Origin:
    """After who knows what has been made of it."""
    return Origin(origin.input, floored=False, capped=False, divides=False)


Origins = frozenset[Origin]
NONE: Origins = frozenset()


def sources(columns: Sequence[Column]) -> dict[str, Origins]:
    """Every input of a graph as an origin of itself, within the bounds of its columns."""
    filling: dict[str, list[Column]] = {}
    for column in columns:
        for tensor in column.inputs or (column.tensor,):
            filling.setdefault(tensor.name, []).append(column)
    return {name: frozenset({_source(name, mine)}) for name, mine in filling.items()}


def _source(name: str, columns: Sequence[Column]) -> Origin:
    bounds = list(map(_bounds, columns))
    return Origin(
        name,
        floored=all(minimum is not None for minimum, _ in bounds),
        capped=all(maximum is not None for _, maximum in bounds),
        divides=all(_divides(minimum, maximum) for minimum, maximum in bounds),
    )


def _bounds(column: Column) -> tuple[float | None, float | None]:
    """Between which numbers every door holds a column. Of an open width, infer takes more columns
    than the card names; what is made of a text, a picture or another number it takes as it comes;
    and NaN, where it stands for a missing value, has no bounds."""
    if column.inputs:
        return None, None
    if column.tensor.datatype == "BOOL":
        return 0, 1
    feature = column.feature
    open_width = column.position is not None and column.tensor.row_shape == (ANY,)
    if feature is None or feature.missing == "nan" or open_width:
        return None, None
    return feature.minimum, feature.maximum


def _divides(minimum: float | None, maximum: float | None) -> bool:
    if minimum is None or maximum is None or max(-minimum, maximum) > WIDE_MAXIMUM:
        return False
    return minimum >= LEAST_POSITIVE or maximum <= GREATEST_NEGATIVE


def integer_attribute(node: NodeProto, name: str, *, default: int) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == name), default)


def passed(node: NodeProto, given: Sequence[Origins]) -> Origins:
    """The origins of what a node without a body gives, from those of its inputs."""
    if node.op_type in MEASURING:
        return NONE
    floors, caps = _limits(node, given)
    moves = node.op_type in MOVING
    keeps = moves or node.op_type in COMPARING
    choosing = CHOOSING.get(node.op_type, frozenset())
    return frozenset(
        Origin(
            origin.input,
            floored=floors or position in choosing or (origin.floored if keeps else origin.limited),
            capped=caps or position in choosing or (origin.capped if keeps else origin.limited),
            divides=origin.divides and position not in choosing and (moves or _casts_widely(node)),
        )
        for position, origins in enumerate(given)
        for origin in origins
    )


def _limits(node: NodeProto, given: Sequence[Origins]) -> tuple[bool, bool]:
    """Whether a node itself holds what it gives from below, and from above."""
    limited = [
        bool(name) and all(origin.limited for origin in origins)
        for name, origins in zip(node.input, given, strict=True)
    ]
    match node.op_type:
        case "Max":
            return any(limited), False
        case "Min":
            return False, any(limited)
        case "Clip":
            return any(limited[1:2]), any(limited[2:3])
        case kind:
            return kind in LIMITING, kind in LIMITING


def _casts_widely(node: NodeProto) -> bool:
    return node.op_type == "Cast" and integer_attribute(node, "to", default=0) in WIDE
