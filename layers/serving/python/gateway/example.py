"""Example rows, made up within what a model's card and signature allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANY = -1


def example_row(model: Mapping[str, Any]) -> dict[str, Any]:
    """A row that a model with this description (serving.description) takes."""
    return {feature["name"]: _cell(feature) for feature in model["features"]}


def _cell(feature: Mapping[str, Any]) -> object:
    cell = _element(feature)
    for extent in reversed(feature["shape"]):
        cell = [cell] * (1 if extent == ANY else extent)
    return cell


def _element(feature: Mapping[str, Any]) -> object:
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
