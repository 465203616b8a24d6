"""Example requests, made up within what a model's card and signature allow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any

ANY = -1
# A PNG of a single grey pixel, in base64.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)


def example_row(model: Mapping[str, Any]) -> dict[str, Any]:
    """A row that a model with this description (serving.description) takes."""
    return {feature["name"]: _cell(feature) for feature in model["features"]}


def example_inputs(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The inputs of an infer request, of one row where the graph takes rows."""
    return [_input(tensor, model["features"]) for tensor in model["signature"]["inputs"]]


def example_elements(model: Mapping[str, Any]) -> int:
    """How many elements there are in either of them."""
    features = model["features"]
    return sum(math.prod(example_shape(t, features)) for t in model["signature"]["inputs"])


def row_elements(model: Mapping[str, Any]) -> int:
    """How many cells there are in a row."""
    return sum(math.prod(map(abs, feature["shape"])) for feature in model["features"])


def example_shape(tensor: Mapping[str, Any], features: Sequence[Mapping[str, Any]]) -> list[int]:
    """The smallest shape that a tensor may have; an open width is that of the card's features."""
    shape = [1 if extent == ANY else extent for extent in tensor["shape"]]
    if [*tensor["shape"][1:]] == [ANY]:
        shape[1] = sum(_width(feature, tensor["name"]) for feature in features) or 1
    return shape


def _width(feature: Mapping[str, Any], name: str) -> int:
    """The elements of an input's row that a feature takes; tokens may be any number."""
    if "text" in feature or "second_of" in feature:
        return 0
    if name not in {feature.get("tensor"), *(t["name"] for t in feature.get("inputs", ()))}:
        return 0
    return len(feature["categories"]) if feature.get("encode") == "one-hot" else 1


def _input(tensor: Mapping[str, Any], features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shape = example_shape(tensor, features)
    elements = [_element(f) for f in features if f.get("tensor") == tensor["name"]]
    data = [*islice(cycle(elements or [_element(tensor)]), math.prod(shape))]
    return {"name": tensor["name"], "datatype": tensor["datatype"], "shape": shape, "data": data}


def _cell(feature: Mapping[str, Any]) -> object:
    cell = PICTURE if "image" in feature else _element(feature)
    for extent in reversed(feature["shape"]):
        cell = [cell] * (1 if extent == ANY else extent)
    return cell


def _element(feature: Mapping[str, Any]) -> object:
    """Of a feature's cell, or of a tensor."""
    if feature.get("categories"):
        return feature["categories"][0]
    match feature["datatype"]:
        case "BYTES":
            return "text"
        case "BOOL":
            return True
    return _number(feature)


def _number(feature: Mapping[str, Any]) -> float:
    """1, or as near to it as the card allows."""
    lowest: float = feature.get("minimum", 1)
    highest: float = feature.get("maximum", max(1, lowest))
    return min(max(1, lowest), highest)
