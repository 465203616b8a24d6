"""The scoring digest: one hash of everything that a prediction depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from serving import ENGINE_VERSION
from serving.card import FILE_NAME, Card


def scoring_digest(
    version_directory: Path,
    card: Card,
    libraries: Mapping[str, str],
    *,
    read: Mapping[str, bytes] = MappingProxyType({}),
) -> str:
    """SHA-256, in hex, of the version's files, its card, the engine and `libraries`' versions.

    `libraries` maps "onnxruntime" and "numpy" to their versions; `read` has the bytes of files that
    have been read already, and count as they were then. Which version is live is not part of it:
    moving that line must not make every earlier prediction look different. Nor is where the card
    stands.
    """
    facts = {
        "files": _file_digests(version_directory, read),
        "card": _meaning(card),
        "engine": ENGINE_VERSION,
        "libraries": dict(libraries),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _meaning(card: Card) -> dict[str, object]:
    features = [feature._asdict() for feature in card.features]
    outputs = [output._asdict() for output in card.outputs]
    meaning = {**card._asdict(), "features": features, "outputs": outputs}
    del meaning["live"], meaning["source"]
    return meaning


def version_files(version_directory: Path) -> list[Path]:
    """Every file of a version but the card, which counts by its meaning, not by its bytes."""
    files = (path for path in version_directory.rglob("*") if path.is_file())
    return sorted(path for path in files if path != version_directory / FILE_NAME)


def _file_digests(version_directory: Path, read: Mapping[str, bytes]) -> dict[str, str]:
    paths = {
        path.relative_to(version_directory).as_posix(): path
        for path in version_files(version_directory)
    }
    return {
        name: hashlib.sha256(read[name]).hexdigest() if name in read else _file_digest(path)
        for name, path in paths.items()
    }


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
