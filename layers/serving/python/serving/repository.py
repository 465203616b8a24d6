"""A models directory: `<name>/<version>/model.onnx`, with a card beside the versions or none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from serving.card import Card, read_card
from serving.errors import ConfigurationError

MODEL_FILE = "model.onnx"
# One way to write each number: "01" beside "1" would be two directories of one version.
VERSION = re.compile(r"0|[1-9][0-9]*")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
FETCHED = "a version whose files live elsewhere ([source] in the card) is fetched by `make models`"


class ModelVersion(NamedTuple):
    """The version of a model that serves: a directory and what its card says."""

    name: str
    version: int
    directory: Path
    card: Card


def live_versions(models_directory: Path) -> tuple[ModelVersion, ...]:
    """Every model of a models directory, by name, each in the version that its card calls live.

    Files, and directories whose name starts with a dot or an underscore, are passed over. Raises
    ConfigurationError where a model cannot serve, naming its directory and what is missing.
    """
    if not models_directory.is_dir():
        raise ConfigurationError(f"{models_directory}: expected a directory of models, found none")
    candidates = sorted(
        p for p in models_directory.iterdir() if p.is_dir() and p.name[0] not in "._"
    )
    models = tuple(live_version(directory) for directory in candidates)
    if not models:
        raise ConfigurationError(
            f"{models_directory}: expected <name>/<version>/{MODEL_FILE}, found no model"
        )
    return models


def live_version(model_directory: Path) -> ModelVersion:
    """One model in its live version: the card's, or without a card the highest."""
    if not NAME.fullmatch(model_directory.name):
        raise ConfigurationError(
            f"{model_directory}: expected a model name of up to 32 lower-case letters, digits and "
            f"hyphens, got {model_directory.name!r}; rename the directory"
        )
    versions = versions_of(model_directory)
    if not versions:
        raise ConfigurationError(
            f"{model_directory}: expected <version>/{MODEL_FILE}, where <version> is a whole "
            f"number, found none; {_advice(model_directory, '*.onnx', '[!._]*/*.onnx')}"
        )
    card = read_card(versions[max(versions)])
    live = max(versions) if card.live is None else card.live
    if live not in versions:
        there = ", ".join(map(str, sorted(versions)))
        raise ConfigurationError(
            f"{model_directory}/model.toml: live: expected one of {there}, got {live}; "
            f"{_advice(model_directory, f'{live}/*.onnx')}"
        )
    return ModelVersion(model_directory.name, live, versions[live], read_card(versions[live]))


def _advice(model_directory: Path, *patterns: str) -> str:
    """Where a version is missing: what stands in its place, or how it comes."""
    for pattern in patterns:
        for path in sorted(model_directory.glob(pattern)):
            return f"rename {path.relative_to(model_directory)} to <version>/{MODEL_FILE}"
    return FETCHED


def versions_of(model_directory: Path) -> dict[int, Path]:
    """The versions that a model directory holds: integer directories with a model file."""
    return {
        int(path.name): path
        for path in model_directory.iterdir()
        if VERSION.fullmatch(path.name) and (path / MODEL_FILE).is_file()
    }
