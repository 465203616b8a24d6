"""A version's directory, written once and whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

GRAPH = "model.onnx"
GOLDEN = "golden.json"
QUALITY = "quality.json"


def require_new(version_directory: Path) -> None:
    """Asked before training, which takes its time."""
    if version_directory.exists():
        raise SystemExit(
            f"{version_directory}: expected a version that is not there yet, because a version "
            "never changes once it has served"
        )


def write_version(version_directory: Path, files: Mapping[str, bytes]) -> None:
    version_directory.mkdir(parents=True)
    for name, content in files.items():
        (version_directory / name).write_bytes(content)


def read_graph(version_directory: Path) -> bytes:
    return (version_directory / GRAPH).read_bytes()
