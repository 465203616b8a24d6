"""What is deployed: a copy of the models, that a rehearsal may change, and the stage's settings."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from local.assembly import ROOT
from serving.card import FILE_NAME
from serving.repository import ModelVersion, live_versions

LIVE = re.compile(r"^live = \d+", re.MULTILINE)


def copy_models(source: Path, target: Path) -> list[ModelVersion]:
    """The live versions; at least two models, since one must stay as it is."""
    found = list(live_versions(source))
    for live in found:
        _copy(live, target / live.name)
    if len(found) == 1:
        _copy(found[0], target / f"{found[0].name[:26]}-again")
    return list(live_versions(target))


def release_again(live: ModelVersion) -> None:
    """A next version with other bytes, which predicts the same; the card says that it is live."""
    directory = live.directory.parent
    shutil.copytree(live.directory, directory / str(live.version + 1))
    (directory / str(live.version + 1) / "released.txt").write_text("again\n")
    card = directory / FILE_NAME
    if card.is_file():
        card.write_text(LIVE.sub(f"live = {live.version + 1}", card.read_text(), count=1))


def write_settings(directory: Path, models: list[ModelVersion]) -> None:
    """cdk.json as it is, with a model behind /predict where it names none."""
    settings = json.loads((ROOT / "cdk.json").read_bytes())
    context = settings["context"]
    context["stages"][context["stage"]].setdefault("default_model", models[0].name)
    (directory / "cdk.json").write_text(json.dumps(settings))


def _copy(live: ModelVersion, target: Path) -> None:
    shutil.copytree(live.directory, target / str(live.version))
    card = live.directory.parent / FILE_NAME
    if card.is_file():
        shutil.copy(card, target)
