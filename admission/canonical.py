"""Canonical form: a graph as onnxruntime reads it, with what it forgives made good.

onnxruntime loads what is not quite ONNX: nodes in any order, operators without an import, graphs
without a name. Whoever checks a graph, or follows values through it, wants it in order, functions
put in their places, and without the weights' bulk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import onnx
from onnx import (
    FunctionProto,
    GraphProto,
    ModelProto,
    NodeProto,
    OperatorSetIdProto,
    TensorProto,
    ValueInfoProto,
    helper,
)
from onnx.inliner import inline_local_functions

from admission.graph_limits import NEWEST_OPSETS
from admission.nodes import bodies, domain_of, every_graph, every_node, nodes_below, shown
from admission.operators import ONNX, ONNXRUNTIMES
from admission.weights import tensors_in
from serving.errors import ConfigurationError

# The domain of nodes that stand for weights, and for operators that ONNX does not know.
FOREIGN = "foreign"
# Inference looks into short tensors, which may be shapes.
BULKY_BYTES = 1024
SHOWN = 5
# Since then, an initializer need not be among the inputs; onnxruntime never wanted it there.
INITIALIZERS_APART = 4


def canonical(model: ModelProto) -> ModelProto:
    """Raises ConfigurationError where a function cannot be put in its places, or nodes wait for
    each other."""
    imports = _imports(model)
    bare = helper.make_model(
        _bare(model.graph),
        functions=model.functions,
        opset_imports=_opsets(imports),
        ir_version=max(model.ir_version, INITIALIZERS_APART),
    )
    whole = _inlined(bare, imports)
    for node in every_node(whole):
        node.domain = domain_of(node)
        if node.domain in ONNX and not _is_onnx(node, imports):
            node.domain = FOREIGN
    for graph in every_graph(whole):
        _sort(graph)
    return whole


def _imports(model: ModelProto) -> dict[str, int]:
    """By domain; a domain that is not imported is taken in its newest version."""
    imports = {FOREIGN: 1, **NEWEST_OPSETS}
    imports.update(dict.fromkeys(map(domain_of, every_node(model)) - imports.keys(), 1))
    imports.update((domain_of(entry), entry.version) for entry in model.opset_import)
    return imports


def _is_onnx(node: NodeProto, imports: Mapping[str, int]) -> bool:
    known = onnx.defs.has(node.op_type, imports[node.domain], node.domain)
    return known or node.op_type not in ONNXRUNTIMES


def _bare(graph: GraphProto) -> GraphProto:
    """A copy whose heavy weights are nodes that give them."""
    heavy = [tensor for tensor in graph.initializer if _is_heavy(tensor)]
    names = {tensor.name for tensor in heavy}
    given = {info.name for info in graph.input}
    light = [tensor for tensor in graph.initializer if tensor.name not in names]
    weights = [_weight(tensor.name) for tensor in heavy if tensor.name not in given]
    bare = helper.make_graph(
        [*weights, *graph.node],
        graph.name or "graph",
        graph.input,
        graph.output,
        light,
        value_info=[
            *(info for info in graph.value_info if info.name not in names),
            *(_declared(tensor, tensor.name) for tensor in heavy),
        ],
        sparse_initializer=graph.sparse_initializer,
    )
    for node in bare.node:
        for body in bodies(node):
            body.CopyFrom(_bare(body))
        bare.value_info.extend(_lightened(node))
    return bare


def _is_heavy(tensor: TensorProto) -> bool:
    return tensor.data_location == TensorProto.EXTERNAL or tensor.ByteSize() > BULKY_BYTES


def _weight(name: str) -> NodeProto:
    return helper.make_node("Weight", [], [name], domain=FOREIGN)


def _declared(tensor: TensorProto, name: str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)


def _lightened(node: NodeProto) -> Iterator[ValueInfoProto]:
    """What a node with a heavy attribute declares, which becomes a weight like any other."""
    tensors = [tensor for attribute in node.attribute for tensor in tensors_in(attribute)]
    if any(map(_is_heavy, tensors)):
        if node.op_type == "Constant":
            yield _declared(tensors[0], node.output[0])
        node.CopyFrom(helper.make_node("Weight", [], node.output, domain=FOREIGN))


def _inlined(model: ModelProto, imports: Mapping[str, int]) -> ModelProto:
    if not model.functions:
        return model
    for function in model.functions:
        _align(function, imports)
    try:
        whole = inline_local_functions(model)
    except Exception as error:  # the inliner's errors share no base class
        raise ConfigurationError(
            f"functions: expected ones that can be put in their places, but {error}"
        ) from error
    whole.graph.CopyFrom(_bare(whole.graph))
    return whole


def _align(function: FunctionProto, imports: Mapping[str, int]) -> None:
    """Give a function the model's opsets, as the inliner wants it. An operator that is another one
    there becomes foreign."""
    theirs = {**imports, **{domain_of(entry): entry.version for entry in function.opset_import}}
    for node in nodes_below(function.node):
        domain = domain_of(node)
        if domain in ONNX and _since(node, theirs[domain]) != _since(node, imports[domain]):
            node.domain = FOREIGN
    del function.opset_import[:]
    function.opset_import.extend(_opsets(imports))


def _since(node: NodeProto, version: int) -> int:
    """In which opset an operator became what it is in this one."""
    domain = domain_of(node)
    known = onnx.defs.has(node.op_type, version, domain)
    return onnx.defs.get_schema(node.op_type, version, domain).since_version if known else 0


def _opsets(imports: Mapping[str, int]) -> list[OperatorSetIdProto]:
    return [helper.make_opsetid(domain, version) for domain, version in imports.items()]


def _sort(graph: GraphProto) -> None:
    """Nodes after those whose outputs they read, in bodies too."""
    givers = _givers(graph)
    reads = {
        index: {givers[name] for name in _read(node) if name in givers} - {index}
        for index, node in enumerate(graph.node)
    }
    try:
        nodes = [graph.node[index] for index in TopologicalSorter(reads).static_order()]
    except CycleError as error:
        circle = [shown(graph.node[index]) for index in error.args[1]]
        more = f" and {len(circle) - SHOWN} more" if len(circle) > SHOWN else ""
        raise ConfigurationError(
            f"expected nodes in an order, got a circle: {', '.join(circle[:SHOWN])}{more}"
        ) from None
    _replace(graph, nodes)


def _givers(graph: GraphProto) -> dict[str, int]:
    """Which node gives a tensor, by its place."""
    givers: dict[str, int] = {}
    for index, node in enumerate(graph.node):
        for name in filter(None, node.output):
            first = givers.setdefault(name, index)
            if first != index:
                raise ConfigurationError(
                    f"tensor {name!r}: expected one node that gives it, got "
                    f"{shown(graph.node[first])} and {shown(node)}; export it under another name"
                )
    return givers


def _replace(graph: GraphProto, nodes: Sequence[NodeProto]) -> None:
    ordered = GraphProto(node=nodes)
    del graph.node[:]
    graph.node.extend(ordered.node)


def _read(node: NodeProto) -> Iterable[str]:
    yield from node.input
    for body in bodies(node):
        yield from (info.name for info in body.output)
        for inner in body.node:
            yield from _read(inner)
