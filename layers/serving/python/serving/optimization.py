"""Optimization: whether a version's graph was optimised before it was deployed."""

from __future__ import annotations

from pathlib import Path

import orjson

from serving.errors import ConfigurationError

FILE_NAME = "optimization.json"


def is_optimized(version_directory: Path) -> bool:
    """Whether the graph is to be loaded as it stands: its file says so, and who wrote it measured
    that this is as fast and right. Without the file, onnxruntime optimises at every load."""
    path = version_directory / FILE_NAME
    if not path.is_file():
        return False
    match _report(path):
        case {"optimized": bool(optimized)}:
            return optimized
    raise ConfigurationError(
        f'{path}: expected the report of `make optimize` with "optimized": true or false, got '
        "something else"
    )


def _report(path: Path) -> object:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None
