"""What the Open Inference Protocol's operations on a model take and answer, as OpenAPI says it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from gateway.example import example_inputs, example_shape
from gateway.openapi_parts import (
    JSON,
    MAX_SHOWN_ELEMENTS,
    TEXT,
    Deployed,
    answer,
    problems,
)
from gateway.schemas import (
    Schema,
    array_of,
    bounded,
    closed_object,
    fixed_array,
    given_element_of,
    tensor_element_of,
)

BINARY = "application/octet-stream"
PLATFORM = "onnxruntime_onnx"

_DESCRIPTION = """\
Tensors in, tensors out: the graph's own. The schema shows one row, with inputs and outputs in the
graph's order; open extents may be larger, inputs may come in any order, `data` may be nested, and
whatever else the protocol allows is accepted. Tensors may travel as bytes behind the JSON, by the
binary tensor data extension and its header `Inference-Header-Content-Length`."""


def metadata_contract(deployed: Deployed) -> dict[str, Any]:
    signature = deployed.description["signature"]
    shape = array_of({"type": "integer"})
    tensors = array_of(closed_object({"name": TEXT, "datatype": TEXT, "shape": shape}))
    schema = closed_object(
        {
            "name": {"const": deployed.name},
            "versions": array_of(TEXT),
            "platform": {"const": PLATFORM},
            "inputs": tensors,
            "outputs": tensors,
        }
    )
    example = {
        "name": deployed.name,
        "versions": [str(deployed.description["version"])],
        "platform": PLATFORM,
        "inputs": signature["inputs"],
        "outputs": [_without_maps(tensor) for tensor in signature["outputs"]],
    }
    return {"responses": {"200": answer(schema, "The graph's tensors", example=example)}}


def infer_contract(deployed: Deployed) -> dict[str, Any]:
    request = {"schema": _request(deployed), **_example(deployed)}
    return {
        "description": _DESCRIPTION,
        "requestBody": {"required": True, "content": {JSON: request}},
        "responses": {
            "200": {
                "description": "The outputs that were asked for, or all",
                "content": {
                    JSON: {"schema": _reply(deployed)},
                    BINARY: {"schema": {"type": "string", "format": "binary"}},
                },
            },
            **problems(400, 413, 415, 422),
        },
    }


def _request(deployed: Deployed) -> Schema:
    signature = deployed.description["signature"]
    features = deployed.description["features"]
    inputs = [_given(tensor, features) for tensor in signature["inputs"]]
    outputs = [
        {
            "type": "object",
            "properties": {"name": {"const": t["name"]}, "parameters": _flags("binary_data")},
            "required": ["name"],
        }
        for t in signature["outputs"]
    ]
    return {
        "type": "object",
        "properties": {
            "id": TEXT,
            "parameters": _flags("binary_data_output"),
            "inputs": fixed_array(inputs),
            "outputs": {"type": "array", "prefixItems": outputs, "items": False},
        },
        "required": ["inputs"],
    }


def _flags(name: str) -> Schema:
    """Parameters, of which this one is understood."""
    return {"type": "object", "properties": {name: {"type": "boolean"}}}


def _example(deployed: Deployed) -> dict[str, Any]:
    if not deployed.is_short:
        return {}
    return {"example": {"inputs": example_inputs(deployed.description)}}


def _given(tensor: Mapping[str, Any], features: Sequence[Mapping[str, Any]]) -> Schema:
    """An input of one row, each element within what the card allows."""
    shape = example_shape(tensor, features)
    element = tensor_element_of(tensor["datatype"])
    elements = [bounded(element, f) for f in features if f.get("tensor") == tensor["name"]]
    return {
        "type": "object",
        "properties": {
            "name": {"const": tensor["name"]},
            "datatype": {"const": tensor["datatype"]},
            "shape": {"const": shape},
            "data": _data(elements, math.prod(shape)),
            "parameters": {"type": "object"},
        },
        "required": ["name", "datatype", "shape", "data"],
    }


def _data(elements: list[Schema], size: int) -> Schema:
    """So many elements, which are one after the other as these are, over and over."""
    if all(element == elements[0] for element in elements):
        return {**array_of(elements[0] if elements else {}), "minItems": size, "maxItems": size}
    if size <= max(MAX_SHOWN_ELEMENTS, len(elements)):
        return fixed_array([*islice(cycle(elements), size)])
    return {**array_of({"anyOf": elements}), "minItems": size, "maxItems": size}


def _reply(deployed: Deployed) -> Schema:
    tensors = deployed.description["signature"]["outputs"]
    return {
        "type": "object",
        "properties": {
            "model_name": {"const": deployed.name},
            "model_version": {"const": str(deployed.description["version"])},
            "id": TEXT,
            "parameters": {"type": "object"},
            "outputs": array_of({"anyOf": [_got(tensor) for tensor in tensors]}),
        },
        "required": ["model_name", "outputs"],
    }


def _got(tensor: Mapping[str, Any]) -> Schema:
    return {
        "type": "object",
        "properties": {
            "name": {"const": tensor["name"]},
            "datatype": {"const": _without_maps(tensor)["datatype"]},
            "shape": array_of({"type": "integer", "minimum": 0}),
            "data": array_of(given_element_of(tensor["datatype"])),
            "parameters": {"type": "object"},
        },
        "required": ["name", "datatype", "shape"],
    }


def _without_maps(tensor: Mapping[str, Any]) -> dict[str, Any]:
    """A map per row travels as one JSON object in a string."""
    datatype = "BYTES" if tensor["datatype"] == "MAP" else tensor["datatype"]
    return {**tensor, "datatype": datatype}
