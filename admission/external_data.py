"""External data: weights beside the model, in files of its version and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from onnx import ModelProto, TensorProto

from admission.weights import Weight, size_bytes, sparse_weights, weights
from serving.digest import version_files
from serving.errors import ConfigurationError

KEYS = {"location", "offset", "length", "checksum"}
NUMBER = re.compile(r"[0-9]{1,18}")
# onnxruntime takes a location of this name for an address in its own memory.
MEMORY = "_ORT_MEM_ADDR_"


def require_data_inside(model: ModelProto, version_directory: Path) -> None:
    """Raises ConfigurationError where a tensor's data is outside the files of the version, which
    the scoring digest covers, or is not just what the tensor needs."""
    for where, sparse in sparse_weights(model):
        for part in (sparse.values, sparse.indices):
            _refuse_external(Weight(where, part), "a sparse tensor")
    files = {
        path.relative_to(version_directory).as_posix(): path.stat().st_size
        for path in version_files(version_directory)
    }
    for weight in weights(model):
        if weight.is_external:
            _require_inside(weight, files)


def _refuse_external(weight: Weight, kind: str) -> None:
    if weight.is_external:
        raise ConfigurationError(
            f"{weight.where}: expected the data of {kind} in the model itself, got it outside"
        )


def _require_inside(weight: Weight, files: Mapping[str, int]) -> None:
    if weight.tensor.data_type == TensorProto.STRING:
        _refuse_external(weight, "strings")
    entries = _entries(weight)
    name = _file(weight, entries.get("location", ""), files)
    offset, length = (_number(weight, key, entries.get(key, "0")) for key in ("offset", "length"))
    needed = size_bytes(weight.tensor.data_type, weight.tensor.dims)
    # onnxruntime, too, takes 0 for a length that is not said.
    if length not in {0, needed}:
        raise ConfigurationError(
            f"{weight.where}: external data: expected a length of {needed:,} bytes, as type and "
            f"shape say, got {length:,}"
        )
    if offset + needed > files[name]:
        raise ConfigurationError(
            f"{weight.where}: external data: expected {needed:,} bytes from byte {offset:,} on, "
            f"got a file of {files[name]:,}: {name}"
        )


def _entries(weight: Weight) -> dict[str, str]:
    keys = [entry.key for entry in weight.tensor.external_data]
    if len(set(keys)) != len(keys) or not {*keys} <= KEYS:
        raise ConfigurationError(
            f"{weight.where}: external data: expected each of {', '.join(sorted(KEYS))} at most "
            f"once and nothing else, got {', '.join(keys)}"
        )
    if weight.tensor.HasField("raw_data"):
        raise ConfigurationError(
            f"{weight.where}: expected data inside or outside the model, got both"
        )
    return {entry.key: entry.value for entry in weight.tensor.external_data}


def _file(weight: Weight, location: str, files: Mapping[str, int]) -> str:
    path = PurePosixPath(location)
    if path.is_absolute() or ".." in path.parts or MEMORY in path.parts:
        raise ConfigurationError(
            f"{weight.where}: external data: expected the name of a file in the version's "
            f"directory, got {location!r}, which leads out of it"
        )
    if path.as_posix() not in files:
        there = ", ".join(files)
        raise ConfigurationError(
            f"{weight.where}: external data: expected one of the version's files {there}, got "
            f"{location!r}"
        )
    return path.as_posix()


def _number(weight: Weight, key: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ConfigurationError(
            f"{weight.where}: external data: {key}: expected a number of bytes, got {text!r}"
        )
    return int(text)
