"""The entries of a tensor request: what it says of its inputs and of the outputs it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serving.coercion import ABSENT
from serving.errors import InvalidTensorError, Misfit, shown
from serving.signature import Tensor


def entries(document: Mapping[str, Any], key: str) -> list[Any]:
    found = document.get(key, ABSENT)
    if isinstance(found, list):
        return found
    raise misfit(key, f"/{key}", "an array of objects", shown(found))


def parameters(entry: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """What an entry says beside the protocol; what is not understood is passed over."""
    found = entry.get("parameters", {})
    if isinstance(found, dict):
        return found
    raise misfit("parameters", f"{pointer}/parameters", "an object", shown(found))


def flag(entry: Mapping[str, Any], pointer: str, key: str, *, default: bool) -> bool:
    """A parameter that is true or false."""
    value = parameters(entry, pointer).get(key, default)
    if isinstance(value, bool):
        return value
    place = f"{pointer}/parameters/{key}"
    raise misfit(key, place, "true or false", shown(value))


def tensor_of(entry: object, known: Mapping[str, Tensor], pointer: str, *, kind: str) -> Tensor:
    """The tensor that an entry names; `kind` is input or output."""
    if not isinstance(entry, dict):
        raise misfit(f"{kind}s", pointer, "an object", shown(entry))
    name = entry.get("name")
    if isinstance(name, str) and name in known:
        return known[name]
    raise misfit(f"{kind}s", f"{pointer}/name", f"one of {', '.join(known)}", shown(name))


def misfit(subject: str, pointer: str, expected: str, got: str) -> InvalidTensorError:
    return InvalidTensorError(subject, [Misfit(pointer, expected, got)])
