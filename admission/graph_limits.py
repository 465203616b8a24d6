"""Graph limits: how large, deep and new a graph may be, before anything else is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from onnx import FunctionProto, ModelProto, NodeProto, OperatorSetIdProto

from admission.nodes import STANDARD, bodies, domain_of, nodes_below
from serving.errors import ConfigurationError

# The newest that the pinned onnxruntime runs.
NEWEST_IR = 13
NEWEST_OPSETS: Mapping[str, int] = {STANDARD: 26, "ai.onnx.ml": 5, "com.microsoft": 1}
# Far above what serves within Lambda's limits. A body in a body doubles the work of whoever follows
# values through it, and a function that calls another twice doubles the nodes.
MAX_NODES = 200_000
MAX_NESTING = 12
MAX_CALLS = 64

Name = tuple[str, str, str]


class _Extent(NamedTuple):
    """Of nodes, with all that they hold and call."""

    nodes: int
    calls: int


def require_within_limits(model: ModelProto) -> None:
    """Raises ConfigurationError where a model is too new or too large, or a function has no end."""
    _require_versions(model)
    functions = {_name(function): function for function in model.functions}
    extents: dict[Name, _Extent] = {}
    for name in _in_order(functions):
        extents[name] = _extent(functions[name].node, extents)
        _require_extent(extents[name])
    _require_extent(_extent(model.graph.node, extents))


def require_shallow(nodes: Iterable[NodeProto], depth: int = 0) -> None:
    """Of nodes with their functions in place; raises ConfigurationError where bodies are nested
    too deep."""
    if depth > MAX_NESTING:
        raise ConfigurationError(
            f"expected bodies of If, Loop and Scan nested up to {MAX_NESTING} deep, got deeper ones"
        )
    for node in nodes:
        for body in bodies(node):
            require_shallow(body.node, depth + 1)


def _require_versions(model: ModelProto) -> None:
    if model.ir_version > NEWEST_IR:
        raise ConfigurationError(
            f"expected an IR version up to {NEWEST_IR}, which onnxruntime reads, got "
            f"{model.ir_version}; export it with an older one"
        )
    if not model.opset_import:
        raise ConfigurationError("expected an opset_import, got none; export the model anew")
    _require_opsets(model.opset_import)
    for function in model.functions:
        _require_opsets(function.opset_import)


def _require_opsets(imports: Iterable[OperatorSetIdProto]) -> None:
    for entry in imports:
        domain = domain_of(entry)
        newest = NEWEST_OPSETS.get(domain)
        if newest is not None and not 1 <= entry.version <= newest:
            raise ConfigurationError(
                f"expected opset 1 to {newest} of {domain or 'ai.onnx'}, which onnxruntime runs, "
                f"got {entry.version}; export the model with an opset in between"
            )


def _name(function: FunctionProto) -> Name:
    return domain_of(function), function.name, function.overload


def _called(node: NodeProto) -> Name:
    return domain_of(node), node.op_type, node.overload


def _in_order(functions: Mapping[Name, FunctionProto]) -> list[Name]:
    """Each after those that it calls."""
    calls = {
        name: {*map(_called, nodes_below(function.node))} & functions.keys()
        for name, function in functions.items()
    }
    try:
        return [*TopologicalSorter(calls).static_order()]
    except CycleError as error:
        circle = " -> ".join(name for _, name, _ in error.args[1])
        raise ConfigurationError(
            f"functions: expected none that calls itself, got {circle}"
        ) from None


def _extent(nodes: Iterable[NodeProto], extents: Mapping[Name, _Extent]) -> _Extent:
    count, calls = 0, 0
    for node in nodes_below(nodes):
        called = extents.get(_called(node), _Extent(0, -1))
        count += 1 + called.nodes
        calls = max(calls, 1 + called.calls)
    return _Extent(count, calls)


def _require_extent(extent: _Extent) -> None:
    if extent.nodes > MAX_NODES:
        raise ConfigurationError(
            f"expected up to {MAX_NODES:,} nodes, those of functions counted at each call, got "
            f"{extent.nodes:,}"
        )
    if extent.calls > MAX_CALLS:
        raise ConfigurationError(
            f"expected functions that call each other up to {MAX_CALLS} deep, got {extent.calls}"
        )
