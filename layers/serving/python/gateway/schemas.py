"""JSON Schemas of what a model takes and gives, from its description (serving.description)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from serving.card_texts import MAX_CHARACTERS

Schema = dict[str, Any]
Description = Mapping[str, Any]

ANY = -1

# Numbers round to the tensor's type: from here on, to infinity. What a float64 cannot hold is no
# number to begin with.
_ROUNDS_TO_INFINITY = {"FP16": 65520.0, "FP32": 2.0**128 - 2.0**103, "FP64": None}
_NON_FINITE = "null stands for NaN and infinities"


def row_of(model: Description) -> Schema:
    """A row as an object."""
    features = model["features"]
    return {
        "type": "object",
        "properties": {feature["name"]: cell_of(feature) for feature in features},
        "required": [feature["name"] for feature in features if not may_miss(feature)],
        "additionalProperties": False,
    }


def cells_of(model: Description) -> Schema:
    """A row as an array, in feature order."""
    return fixed_array([{**cell_of(f), "title": f["name"]} for f in model["features"]])


def cell_of(feature: Mapping[str, Any]) -> Schema:
    """One cell; an array where the feature is more than a number or a text."""
    schema = _nested(_element_of(feature), feature["shape"])
    if may_miss(feature):
        schema = {"anyOf": [schema, {"type": "null"}]}
    described = {"description": feature["description"]} if feature.get("description") else {}
    return {**schema, **described}


def prediction_of(model: Description) -> Schema:
    """What one row gets."""
    return closed_object({output["name"]: _answer(output) for output in model["outputs"]})


def tensor_element_of(datatype: str) -> Schema:
    """One element of an input tensor."""
    if datatype in _ROUNDS_TO_INFINITY:
        return {"type": "number", **_magnitude(_ROUNDS_TO_INFINITY[datatype])}
    if datatype == "BOOL":
        return {"type": "boolean"}
    if datatype == "BYTES":
        return {"type": "string"}
    return {"type": "integer", **_limits(datatype)}


def given_element_of(datatype: str) -> Schema:
    """One element of an output tensor."""
    if datatype in _ROUNDS_TO_INFINITY:
        return {"type": ["number", "null"], "description": _NON_FINITE}
    return tensor_element_of("BYTES" if datatype == "MAP" else datatype)


def bounded(element: Schema, feature: Mapping[str, Any]) -> Schema:
    """An element within the card's range too."""
    low, high = feature.get("minimum"), feature.get("maximum")
    least, most = element.get("minimum", low), element.get("maximum", high)
    bounds = {
        **({} if low is None else {"minimum": max(low, least)}),
        **({} if high is None else {"maximum": min(high, most)}),
    }
    return element | bounds


def closed_object(properties: Mapping[str, Schema]) -> Schema:
    """An object of exactly these."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def array_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def fixed_array(items: Sequence[Schema]) -> Schema:
    """An array of exactly these."""
    if not items:
        return {"type": "array", "maxItems": 0}
    return {
        "type": "array",
        "prefixItems": list(items),
        "items": False,
        "minItems": len(items),
        "maxItems": len(items),
    }


def _element_of(feature: Mapping[str, Any]) -> Schema:
    if "image" in feature:
        return {"type": "string", "format": "byte", "contentEncoding": "base64"}
    if "text" in feature or "second_of" in feature:
        return {"type": "string", "maxLength": MAX_CHARACTERS}
    if "categories" in feature:
        blank = [""] if feature["missing"] == "fill" else []
        return {"type": "string", "enum": [*feature["categories"], *blank]}
    element = tensor_element_of(feature["datatype"])
    return bounded({**element, **_scalable(feature)}, feature)


def _scalable(feature: Mapping[str, Any]) -> Schema:
    """What is still a number of the input's type once it is scaled."""
    limits = [_ROUNDS_TO_INFINITY.get(tensor["datatype"]) for tensor in feature.get("inputs", ())]
    if limits in ([], [None]):
        return {}
    mean, reach = feature.get("mean", 0.0), limits[0] * feature.get("std", 1.0)
    return {"exclusiveMinimum": mean - reach, "exclusiveMaximum": mean + reach}


def may_miss(feature: Mapping[str, Any]) -> bool:
    return bool(feature.get("missing", "reject") != "reject")


def _magnitude(limit: float | None) -> Schema:
    return {} if limit is None else {"exclusiveMinimum": -limit, "exclusiveMaximum": limit}


def _limits(datatype: str) -> Schema:
    bits = int(datatype.removeprefix("U").removeprefix("INT"))
    if datatype.startswith("U"):
        return {"minimum": 0, "maximum": 2**bits - 1}
    return {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}


def _ranking(output: Mapping[str, Any]) -> Schema:
    labels = output["labels"]
    label = {"type": "string", "enum": labels} if labels else {"type": "integer", "minimum": 0}
    entry = closed_object({"label": label, "score": given_element_of("FP32")})
    return {**array_of(entry), "maxItems": output["k"]}


def _nested(element: Schema, shape: Sequence[int]) -> Schema:
    for extent in reversed(shape):
        exact = {} if extent == ANY else {"minItems": extent, "maxItems": extent}
        element = {**array_of(element), **exact}
    return element


def _answer(output: Mapping[str, Any]) -> Schema:
    labels, shape = output["labels"], output["shape"]
    row_shape = shape[1:]
    if output["datatype"] == "MAP":
        return {"type": "object", "additionalProperties": given_element_of("FP32")}
    if output["datatype"] == "RANKING":
        return _ranking(output)
    element = given_element_of(output["datatype"])
    if not shape:
        return {}
    if all(extent == 1 for extent in row_shape):
        return {"type": "string", "enum": labels} if labels else element
    if labels:
        return closed_object(dict.fromkeys(labels, element))
    nested = _nested(element, row_shape)
    # Where every extent may be 1, there may be a single value, which stands alone.
    return {"anyOf": [element, nested]} if set(row_shape) <= {1, ANY} else nested
