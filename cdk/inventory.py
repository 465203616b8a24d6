"""What the catalog shows: the deployed models, written down for its image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cdk.deployed_model import DeployedModel

FILE_NAME = "models.json"


def write_inventory(
    directory: Path, models: Sequence[DeployedModel], *, stage: str, default_model: str
) -> None:
    """Write models.json into a directory of its own, which is a build context."""
    inventory = {
        "stage": stage,
        "default_model": default_model,
        "models": [_entry(model) for model in models],
    }
    directory.mkdir(parents=True, exist_ok=True)
    (directory / FILE_NAME).write_text(json.dumps(inventory, indent=2) + "\n")


def _entry(model: DeployedModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "title": model.card.title,
        "description": model.card.description,
        "owner": model.card.owner,
        "licence": model.card.licence,
        "intended_use": model.card.intended_use,
        "limits": model.card.limits,
    }
