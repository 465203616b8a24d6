"""What the catalog knows: the deployed models and the stage's door, written down for its image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cdk.deployed_model import DeployedModel
from cdk.settings import StageSettings
from serving.description import describe
from serving.golden import read_golden

FILE_NAME = "models.json"
EXAMPLE_ROWS = 2


def write_inventory(
    directory: Path, models: Sequence[DeployedModel], *, stage: StageSettings, default_model: str
) -> None:
    """Write models.json into a directory of its own, which is a build context."""
    inventory = {
        "stage": stage.name,
        "auth": _auth(stage),
        "default_model": default_model,
        "models": [describe(model) for model in models],
        "examples": {model.name: _example(model) for model in models},
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FILE_NAME).write_text(json.dumps(inventory, indent=2) + "\n")


def _auth(stage: StageSettings) -> dict[str, Any]:
    if stage.jwt is None:
        return {"kind": stage.auth}
    return {"kind": stage.auth, "issuer": stage.jwt.issuer, "audience": stage.jwt.audience}


def _example(model: DeployedModel) -> dict[str, Any] | None:
    """The first golden rows and their predictions; None where the version has no golden file."""
    golden = read_golden(model.directory)
    if golden is None:
        return None
    return {name: rows[:EXAMPLE_ROWS] for name, rows in golden._asdict().items()}
