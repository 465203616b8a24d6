"""Which model, and which version of it, a command is about."""

from __future__ import annotations

from pathlib import Path

from registry.errors import SelectionError
from serving.card import FILE_NAME, parse_card, read_card
from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.libraries import installed_versions
from serving.model import Model
from serving.repository import ModelVersion, live_version, versions_of


def model_directories(models_directory: Path) -> list[Path]:
    """Those that deploy, by name."""
    if not models_directory.is_dir():
        raise SelectionError(f"{models_directory}: expected a directory of models, found none")
    return sorted(p for p in models_directory.iterdir() if p.is_dir() and p.name[0] not in "._")


def model_directory(models_directory: Path, name: str) -> Path:
    directory = models_directory / name
    there = model_directories(models_directory)
    names = ", ".join(p.name for p in there) or "none"
    if not name:
        raise SelectionError(
            f"{models_directory}: expected one of its models {names}, got none; say MODEL=<name>"
        )
    if directory not in there:
        raise SelectionError(f"{models_directory}: expected one of its models {names}, got {name}")
    return directory


def select_version(directory: Path, number: int | None) -> ModelVersion:
    """The version of that number; the live one where None is asked for."""
    if number is None:
        return live_version(directory)
    versions = versions_of(directory)
    if number not in versions:
        there = ", ".join(map(str, sorted(versions))) or "none"
        raise SelectionError(f"{directory}: expected one of its versions {there}, got {number}")
    return ModelVersion(directory.name, number, versions[number], read_card(versions[number]))


def live_number(directory: Path) -> int | None:
    """The card's, or without a card the highest that is here; None where there is neither."""
    path = directory / FILE_NAME
    if path.is_file():
        return parse_card(path.read_bytes(), source=str(path)).live
    return max(versions_of(directory), default=None)


def next_version(directory: Path) -> int:
    """Above every directory with a number, model file or not."""
    numbers = (int(p.name) for p in directory.iterdir() if p.name.isdigit())
    return 1 + max(numbers, default=0)


def load(selected: ModelVersion) -> Model:
    return Model.load(Deployment(selected.directory, selected.name, selected.version))


def digest_of(selected: ModelVersion) -> str:
    """As a function with the installed libraries would say it."""
    return scoring_digest(selected.directory, selected.card, installed_versions(selected.card))
