"""Influence: no request may choose a divisor that kills the runtime, or the size of an allocation.

INT_MIN / -1 raises SIGFPE in onnxruntime, which ends the process; a size is allocated as it comes.
So this follows the values of the inputs, not their shapes, through the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from admission.nodes import bodies, shown
from admission.origins import NONE, Origins, integer_attribute, passed, sources, unbounded
from serving.errors import ConfigurationError
from serving.features import Column

# The inputs of an operator whose values are sizes, by their positions in any of its versions; those
# that onnxruntime adds to ONNX's operators included.
SIZES: Mapping[str, frozenset[int]] = {
    "AffineGrid": frozenset({1}),
    "BeamSearch": frozenset({1, 3, 4}),
    "BlackmanWindow": frozenset({0}),
    "CenterCropPad": frozenset({1}),
    "Col2Im": frozenset({1, 2}),
    "ConstantOfShape": frozenset({0}),
    "ConvTransposeWithDynamicPads": frozenset({2}),
    "CropAndResize": frozenset({3}),
    "DFT": frozenset({1}),
    "Expand": frozenset({1}),
    "GreedySearch": frozenset({1}),
    "GroupQueryAttention": frozenset({6}),
    "HammingWindow": frozenset({0}),
    "HannWindow": frozenset({0}),
    "Loop": frozenset({0}),
    "MaxUnpool": frozenset({2}),
    "MelWeightMatrix": frozenset({0, 1}),
    "OneHot": frozenset({1}),
    "Pad": frozenset({1}),
    "Range": frozenset({0, 1, 2}),
    "RelativePositionBias": frozenset({1, 2}),
    "Reshape": frozenset({1}),
    "Resize": frozenset({1, 2, 3}),
    "RoiAlign": frozenset({1}),
    "STFT": frozenset({1, 3}),
    "Sampling": frozenset({1}),
    "Tile": frozenset({1}),
    "TopK": frozenset({1}),
    "Upsample": frozenset({1}),
    "WhisperBeamSearch": frozenset({1, 3, 4}),
}
# What hands its inputs to graphs of its own one by one, and their outputs on.
BODIED = {"If", "Loop", "Scan", "SequenceMap"}
DIVIDING = {"Div", "Mod"}
# Narrower integers are divided as wider ones, floats never trap, and division of integers by zero
# is an error like any other.
TRAPPING = {TensorProto.INT32, TensorProto.INT64}


@dataclass(slots=True)
class _Scope:
    """What is known of each tensor that a graph sees, outer ones included."""

    origins: dict[str, Origins] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)

    def inside(self, graph: GraphProto) -> _Scope:
        return _Scope({**self.origins}, {**self.types, **_types(graph)})

    def of(self, names: Iterable[str]) -> list[Origins]:
        """Of each name; an input that is left out has none."""
        return [self.origins.get(name, NONE) if name else NONE for name in names]


def require_bounded_influence(model: ModelProto, columns: Sequence[Column]) -> None:
    """Of a model in canonical form, with types inferred. Raises ConfigurationError where the values
    of an input reach an integer divisor, or a size, and the card does not bound them; `columns`
    bring its bounds, which every door enforces."""
    _follow(model.graph, _Scope(sources(columns)).inside(model.graph))


def _types(graph: GraphProto) -> dict[str, int]:
    declared = [*graph.input, *graph.value_info, *graph.output]
    return {info.name: info.type.tensor_type.elem_type for info in declared} | {
        tensor.name: tensor.data_type for tensor in graph.initializer
    }


def _follow(graph: GraphProto, scope: _Scope) -> None:
    """Tell the origins of every tensor of a graph, whose inputs' are told."""
    for node in graph.node:
        _require_sizes(node, scope)
        _require_divisor(node, scope)
        if node.op_type not in BODIED:
            scope.origins.update(dict.fromkeys(node.output, passed(node, scope.of(node.input))))
        if any(bodies(node)):
            _follow_bodies(node, scope)


def _follow_bodies(node: NodeProto, scope: _Scope) -> None:
    """If's condition only chooses, and that of a Loop is the author's to limit, by its trip
    count."""
    given: dict[str, Origins] = {}
    for body in bodies(node):
        inner = _settled(node, body, scope)
        results = [info.name for info in body.output][node.op_type == "Loop" :]
        if node.op_type in BODIED:
            _add(given, inner, zip(node.output, results, strict=False))
    scope.origins.update(given)


def _settled(node: NodeProto, body: GraphProto, scope: _Scope) -> _Scope:
    """A body followed until what an iteration hands to the next brings no more origins."""
    inner = scope.inside(body)
    entering = _entering(node, body, scope)
    before: dict[str, Origins] | None = None
    while before != entering:
        before = {**entering}
        inner.origins.update(entering)
        _follow(body, inner)
        _add(entering, inner, _carried(node, body))
    return inner


def _add(origins: dict[str, Origins], scope: _Scope, pairs: Iterable[tuple[str, str]]) -> None:
    """To the origins of the first name of each pair, those of the second."""
    for name, source in pairs:
        origins[name] = origins.get(name, NONE).union(*scope.of([source]))


def _entering(node: NodeProto, body: GraphProto, scope: _Scope) -> dict[str, Origins]:
    """The origins of a body's inputs before its first iteration."""
    inputs = [info.name for info in body.input]
    if node.op_type not in BODIED:
        # A decoder inside BeamSearch and the like, whose tokens come of all that goes in.
        everything = NONE.union(*scope.of(node.input))
        return dict.fromkeys(inputs, frozenset(map(unbounded, everything)))
    if node.op_type != "Loop":
        # The first versions of Scan have one more input in front.
        return dict(zip(reversed(inputs), scope.of(reversed(node.input)), strict=False))
    trips, *states = scope.of(node.input)
    # Iterations count from 0.
    numbers = frozenset(replace(origin, divides=False) for origin in trips)
    return dict(zip(inputs, [numbers, *states], strict=False))


def _carried(node: NodeProto, body: GraphProto) -> Iterable[tuple[str, str]]:
    """The inputs of a body that the next iteration takes, each with the output they come from."""
    inputs, outputs = ([info.name for info in infos] for infos in (body.input, body.output))
    match node.op_type:
        case "Loop":
            return zip(inputs[1:], outputs, strict=False)
        case "Scan":
            states = len(inputs) - integer_attribute(node, "num_scan_inputs", default=0)
            return zip(inputs[:states], outputs, strict=False)
        case _:
            return ()


def _require_sizes(node: NodeProto, scope: _Scope) -> None:
    for position, origins in enumerate(scope.of(node.input)):
        if position not in _sizes(node):
            continue
        for name in sorted(origin.input for origin in origins if not origin.limited):
            raise ConfigurationError(
                f"{shown(node)}: expected a size that no request chooses, got the values of input "
                f"{name!r}; bound {name} in model.toml with minimum and maximum, or clip it in the "
                "graph"
            )


def _sizes(node: NodeProto) -> frozenset[int]:
    if node.op_type == "RoiAlign" and integer_attribute(node, "sampling_ratio", default=0) > 0:
        return frozenset()  # else it takes as many samples as a region is large
    return SIZES.get(node.op_type, frozenset())


def _require_divisor(node: NodeProto, scope: _Scope) -> None:
    if not _traps(node, scope):
        return
    divisor = scope.of(node.input)[1]
    for name in sorted(origin.input for origin in divisor if not origin.divides):
        raise ConfigurationError(
            f"{shown(node)}: expected a divisor that no request chooses, got the values of input "
            f"{name!r}; bound {name} in model.toml with minimum and maximum that leave out 0 and "
            "-1 and divide by it as it comes, or divide floats"
        )


def _traps(node: NodeProto, scope: _Scope) -> bool:
    types = {scope.types.get(name) for name in (*node.input, *node.output)}
    return (
        node.op_type in DIVIDING
        and bool(types & TRAPPING)
        and not integer_attribute(node, "fmod", default=0)
    )
