"""Folding: what a graph makes of constants alone becomes a constant, so that a size or a trip count
is seen however it was computed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from admission.nodes import STANDARD, bodies
from admission.soundness import inferred

# Sizes, counts and conditions are short.
MAX_ELEMENTS = 128
# What a node may compute before it is cut short: two constants against each other.
MAX_COMPUTED_ELEMENTS = MAX_ELEMENTS**2
# What these give has at most as many elements as their inputs multiplied.
FOLDED = {
    *("Abs", "Add", "And", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor"),
    *("Cast", "CastLike", "Ceil", "Clip", "Concat", "Constant", "CumSum", "Div", "Equal", "Exp"),
    *("Flatten", "Floor", "Gather", "Greater", "GreaterOrEqual", "Identity", "Less"),
    *("LessOrEqual", "Log", "Max", "Mean", "Min", "Mod", "Mul", "Neg", "Not", "Or", "Pow"),
    *("Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu"),
    *("Reshape", "Round", "Shape", "Sign", "Size", "Slice", "Sqrt", "Squeeze", "Sub", "Sum"),
    *("Transpose", "Unsqueeze", "Where", "Xor"),
}
# What these give is as long as the values of their last input say.
GROWING = {"ConstantOfShape", "Expand", "Tile"}
NUMBERS = "biuf"

Values = NDArray[np.generic]


def folded(model: ModelProto) -> ModelProto:
    """A copy of a model in canonical form, its shapes inferred anew from what was folded."""
    copy = ModelProto()
    copy.CopyFrom(model)
    _fold(copy.graph, {}, {entry.domain: entry.version for entry in copy.opset_import})
    return inferred(copy)


def _fold(graph: GraphProto, outer: Mapping[str, Values], opsets: Mapping[str, int]) -> None:
    given = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    inputs = {info.name for info in graph.input} - given.keys()
    constants = {name: values for name, values in outer.items() if name not in inputs}
    constants.update((name, values) for name, values in given.items() if _is_short(values))
    for node in graph.node:
        for body in bodies(node):
            _fold(body, constants, opsets)
        values = _computed(node, constants, opsets)
        if values is not None:
            constants[node.output[0]] = values
            tensor = numpy_helper.from_array(values)
            node.CopyFrom(
                helper.make_node("Constant", [], node.output, name=node.name, value=tensor)
            )


def _computed(
    node: NodeProto, constants: Mapping[str, Values], opsets: Mapping[str, int]
) -> Values | None:
    """None where it is made of more than constants, or cannot be told."""
    names = [*filter(None, node.input)]
    if not _is_foldable(node) or not constants.keys() >= {*names}:
        return None
    try:
        if _elements(node, [constants[name] for name in names]) > MAX_COMPUTED_ELEMENTS:
            return None
        feeds = {name: constants[name] for name in names}
        with np.errstate(all="ignore"):
            [values] = ReferenceEvaluator(node, opsets={**opsets}).run(None, feeds)
    except Exception:  # noqa: BLE001 - the reference's errors share no base class
        return None
    array = np.asarray(values)
    return array if _is_short(array) else None


def _is_foldable(node: NodeProto) -> bool:
    return node.domain == STANDARD and len(node.output) == 1 and node.op_type in FOLDED | GROWING


def _elements(node: NodeProto, given: Sequence[Values]) -> int:
    """At most so many come out."""
    if node.op_type == "Concat":
        return sum(values.size for values in given)
    counts = [values.size for values in given]
    if node.op_type in GROWING:
        counts[-1:] = [abs(int(extent)) for extent in given[-1].flat]
    return math.prod(counts)


def _is_short(values: Values) -> bool:
    return values.dtype.kind in NUMBERS and values.size <= MAX_ELEMENTS
