"""Loops: each has an end."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

from admission.nodes import bodies, every_graph, every_node, shown
from serving.errors import ConfigurationError

# Exporters write the largest integer for a loop that only its condition ends.
MAX_TRIPS = 2**31

Constants = Mapping[str, TensorProto]


def require_ends(model: ModelProto) -> None:
    """Of a model in canonical form; raises ConfigurationError where neither the trips of a Loop nor
    its condition can ever end it."""
    constants = _constants(model)
    for node in every_node(model):
        if node.op_type == "Loop" and _is_endless(node, constants):
            raise ConfigurationError(
                f"{shown(node)}: expected a trip count or a condition that ends it, got neither: "
                "it would run for ever"
            )


def _constants(model: ModelProto) -> Constants:
    """By name, which no other graph of a model has."""
    given = {tensor.name: tensor for graph in every_graph(model) for tensor in graph.initializer}
    made = {
        node.output[0]: attribute.t
        for node in every_node(model)
        for attribute in node.attribute
        if node.op_type == "Constant" and attribute.HasField("t")
    }
    return {**given, **made}


def _is_endless(node: NodeProto, constants: Constants) -> bool:
    trips, condition = [*node.input, "", ""][:2]
    if trips and not _exceeds(trips, constants):
        return False
    [body] = bodies(node)
    if not (body.input[1:] and body.output):
        raise ConfigurationError(
            f"{shown(node)}: expected a body that takes its iteration and a condition, and gives a "
            "condition"
        )
    goes_on = _source(body, body.output[0].name)
    if goes_on == body.input[1].name:
        return not condition or _is_true(condition, constants)
    return _is_true(goes_on, constants)


def _source(body: GraphProto, name: str) -> str:
    """Where a tensor of a body comes from, unchanged."""
    same = {node.output[0]: node.input[0] for node in body.node if node.op_type == "Identity"}
    while name in same:
        name = same[name]
    return name


def _exceeds(name: str, constants: Constants) -> bool:
    return name in constants and bool(numpy_helper.to_array(constants[name]).max() > MAX_TRIPS)


def _is_true(name: str, constants: Constants) -> bool:
    return name in constants and bool(numpy_helper.to_array(constants[name]).all())
