"""A stage as it would be deployed: its templates, with the data plane of the local cloud."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cdk.app import synthesize
from cdk.context import read_context
from cdk.deployed_model import DeployedModel, deployed_models
from cdk.settings import StageSettings
from doctor.errors import SelectionError
from local.assembly import Stack, read_assembly
from local.compute import functions
from local.data_plane import DataPlane
from local.environment import Configuration
from local.identities import Identities
from local.port import Port
from local.storage import create_storage
from local.template import Template

Context = Mapping[str, Any]
# In a stack's name, before the model's.
MODEL_STACK = "-model-"


class Watching(NamedTuple):
    """What CloudWatch asks money for, whether anything happens or not."""

    alarm_metrics: int
    dashboards: int


@dataclass(frozen=True, slots=True)
class Functions:
    """Those of one model."""

    model: DeployedModel
    predict: Configuration
    score: Configuration
    environment_bytes: int
    watching: Watching


@dataclass(frozen=True, slots=True)
class Stage:
    """`watching` is what the models share."""

    settings: StageSettings
    models: tuple[Functions, ...]
    watching: Watching
    data_plane: DataPlane


def context_of(stage: str | None) -> Context:
    """cdk.json's, with this stage in the place of its own. Raises SelectionError where it is not
    there, and ConfigurationError where the file is none."""
    context = read_context()
    if stage is None:
        return context
    stages = context.get("stages")
    # What else it may be, the stage's settings refuse.
    if isinstance(stages, dict) and stage not in stages:
        raise SelectionError(f"stage: expected one of {', '.join(stages)}, got {stage!r}")
    return context | {"stage": stage}


@contextmanager
def deployed(models_directory: Path, context: Context) -> Iterator[Stage]:
    """Raises ConfigurationError where the stage cannot be synthesized."""
    settings = StageSettings.from_context(context)
    with tempfile.TemporaryDirectory() as assembly, DataPlane(Port(0, "AWS_PORT")) as data_plane:
        synthesize(models_directory, _here(context, settings), Path(assembly))
        stacks = read_assembly(Path(assembly))
        identities = Identities(endpoint=data_plane.endpoint, api_url="")
        template = Template(stacks, identities.identify)
        create_storage(template, data_plane)
        configured = [f.configuration for f in functions(template, stacks, data_plane).values()]
        models = deployed_models(models_directory)
        yield Stage(
            settings,
            tuple(_functions_of(model, configured, stacks, template) for model in models),
            _watching(stack for stack in stacks if MODEL_STACK not in stack.name),
            data_plane,
        )


def _here(context: Context, settings: StageSettings) -> Context:
    """Models may be large, and are not copied; no bucket is there already."""
    stage = context["stages"][settings.name] | {"inbox_bucket": None}
    stages = context["stages"] | {settings.name: stage}
    return {**context, "stages": stages, "aws:cdk:disable-asset-staging": True}


def _functions_of(
    model: DeployedModel,
    configured: Sequence[Configuration],
    stacks: Sequence[Stack],
    template: Template,
) -> Functions:
    own = [c for c in configured if c.variables.get("MODEL_NAME") == model.name]
    [predict] = [c for c in own if c.handler.startswith("functions.predict.")]
    [score] = [c for c in own if c.handler.startswith("functions.score.")]
    return Functions(
        model=model,
        predict=predict,
        score=score,
        environment_bytes=max(_environment_bytes(template, model.name)),
        watching=_watching(s for s in stacks if s.name.endswith(f"{MODEL_STACK}{model.name}")),
    )


def _environment_bytes(template: Template, model: str) -> Iterator[int]:
    """Of each of the model's functions; buckets and queues have longer names on AWS."""
    for resource in template.of_type("AWS::Lambda::Function"):
        if resource.properties.get("PackageType") != "Image":
            continue
        properties = template.properties(resource, "Environment")
        variables = properties.get("Environment", {}).get("Variables", {})
        if variables.get("MODEL_NAME") == model:
            yield sum(len(name) + len(value) for name, value in variables.items())


def _watching(stacks: Iterable[Stack]) -> Watching:
    resources = [r for stack in stacks for r in stack.template["Resources"].values()]
    alarms = [r["Properties"] for r in resources if r["Type"] == "AWS::CloudWatch::Alarm"]
    dashboards = [r for r in resources if r["Type"] == "AWS::CloudWatch::Dashboard"]
    return Watching(sum(map(_alarm_metrics, alarms)), len(dashboards))


def _alarm_metrics(alarm: Mapping[str, Any]) -> int:
    """An alarm on a formula reads several."""
    return sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1
