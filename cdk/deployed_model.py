"""A model as it is deployed: its live version, under its scoring digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cdk.settings import StageSettings
from serving.admission import require_admissible
from serving.card import Card
from serving.digest import scoring_digest
from serving.errors import ConfigurationError
from serving.features import Column, plan
from serving.graph import read_graph
from serving.predictions import NamedOutput, named_outputs
from serving.repository import MODEL_FILE, ModelVersion, live_versions
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
    libraries = {library: version(library) for library in ("onnxruntime", "numpy")}
    return [_deployed(live, libraries) for live in live_versions(models_directory)]


def _deployed(live: ModelVersion, libraries: Mapping[str, str]) -> DeployedModel:
    signature = read_graph(live.directory / MODEL_FILE)
    columns = plan(signature, live.card)
    require_admissible(live.directory / MODEL_FILE, columns)
    return DeployedModel(
        name=live.name,
        version=live.version,
        directory=live.directory.resolve(),
        card=live.card,
        digest=scoring_digest(live.directory, live.card, libraries),
        signature=signature,
        columns=columns,
        outputs=named_outputs(signature, live.card),
    )


def default_model(models: Sequence[DeployedModel], stage: StageSettings) -> str:
    """The model behind /predict: the stage's, or the only one there is."""
    names = [model.name for model in models]
    if stage.default_model is None and len(names) == 1:
        return names[0]
    if stage.default_model in names:
        return stage.default_model
    raise ConfigurationError(
        f"cdk.json: context.stages.{stage.name}.default_model: expected one of {', '.join(names)}, "
        f"got {stage.default_model or 'nothing'}"
    )
