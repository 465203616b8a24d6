"""Nodes: walks over a model, into the graphs that its nodes hold and into its functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from onnx import (
    AttributeProto,
    FunctionProto,
    GraphProto,
    ModelProto,
    NodeProto,
    OperatorSetIdProto,
)

STANDARD = ""  # the domain of ONNX's own operators


def domain_of(node: NodeProto | FunctionProto | OperatorSetIdProto) -> str:
    """onnxruntime takes both names of ONNX's own domain for one."""
    return STANDARD if node.domain == "ai.onnx" else node.domain


def shown(node: NodeProto) -> str:
    """A node as a sentence names it: by its name, or else by what it gives."""
    if node.name:
        return f"{node.op_type} {node.name!r}"
    return f"{node.op_type} of {next(iter(node.output), '')!r}"


def bodies(node: NodeProto) -> Iterator[GraphProto]:
    """The graphs that a node holds itself, whatever its attributes claim to be."""
    for attribute in node.attribute:
        yield from graphs_in(attribute)


def graphs_in(attribute: AttributeProto) -> Iterator[GraphProto]:
    if attribute.HasField("g"):
        yield attribute.g
    yield from attribute.graphs


def every_attribute(model: ModelProto) -> Iterator[tuple[str, AttributeProto]]:
    """With what has it, in words."""
    yield from _attributes(model.graph.node)
    for function in model.functions:
        for default in function.attribute_proto:
            yield from _attribute(f"function {function.name!r}", default)
        yield from _attributes(function.node)


def every_graph(model: ModelProto) -> Iterator[GraphProto]:
    yield model.graph
    for _, attribute in every_attribute(model):
        yield from graphs_in(attribute)


def every_node(model: ModelProto) -> Iterator[NodeProto]:
    for graph in every_graph(model):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def nodes_below(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """They, and those in the graphs that they hold."""
    for node in nodes:
        yield node
        for body in bodies(node):
            yield from nodes_below(body.node)


def _attributes(nodes: Iterable[NodeProto]) -> Iterator[tuple[str, AttributeProto]]:
    for node in nodes:
        for attribute in node.attribute:
            yield from _attribute(shown(node), attribute)


def _attribute(owner: str, attribute: AttributeProto) -> Iterator[tuple[str, AttributeProto]]:
    yield owner, attribute
    for graph in graphs_in(attribute):
        yield from _attributes(graph.node)
