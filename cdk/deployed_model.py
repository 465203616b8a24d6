"""A model as it is deployed: its live version, under its scoring digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from admission.gate import admit
from cdk.settings import StageSettings
from serving.card import Card
from serving.digest import scoring_digest
from serving.errors import ConfigurationError
from serving.features import Column
from serving.libraries import installed_versions
from serving.predictions import NamedOutput
from serving.repository import ModelVersion, live_versions
from serving.signature import Signature


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """It can be described as a loaded one can."""

    name: str
    version: int
    directory: Path
    card: Card
    digest: str
    signature: Signature
    columns: tuple[Column, ...]
    outputs: tuple[NamedOutput, ...]


def deployed_models(models_directory: Path) -> list[DeployedModel]:
    """Every model's live version, by name; raises ConfigurationError where one cannot serve."""
    return [_deployed(live) for live in live_versions(models_directory)]


def _deployed(live: ModelVersion) -> DeployedModel:
    admitted = admit(live.directory, live.card)
    return DeployedModel(
        name=live.name,
        version=live.version,
        directory=live.directory.resolve(),
        card=live.card,
        digest=scoring_digest(live.directory, live.card, installed_versions(live.card)),
        signature=admitted.signature,
        columns=admitted.columns,
        outputs=admitted.outputs,
    )


def default_model(models: Sequence[DeployedModel], stage: StageSettings) -> str:
    """The model behind /predict: the only one there is, or the stage's."""
    names = [model.name for model in models]
    if len(names) == 1:
        return names[0]
    if stage.default_model in names:
        return stage.default_model
    raise ConfigurationError(
        f"cdk.json: context.stages.{stage.name}.default_model: expected one of {', '.join(names)}, "
        f"got {stage.default_model or 'nothing'}"
    )
