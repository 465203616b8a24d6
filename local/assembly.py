"""The cloud assembly: what `python -m cdk.app` synthesizes, read back from its directory."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.errors import AssemblyError
from serving.errors import ConfigurationError
from serving.repository import live_versions

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
STAGE = "dev"


@dataclass(frozen=True, slots=True)
class ImageAsset:
    """Where an image would be built from: a context directory, a Dockerfile, named contexts."""

    directory: Path
    dockerfile: str
    contexts: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    template: dict[str, Any]
    images: dict[str, ImageAsset]


def synthesize(models_directory: Path, output: Path) -> list[Stack]:
    """Run the app as `cdk synth` does, without Docker, an account or the CDK command line."""
    process = subprocess.run(
        [sys.executable, "-m", "cdk.app"],
        cwd=ROOT,
        env=_variables(models_directory, output),
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise AssemblyError(f"the templates could not be synthesized:\n{process.stderr.strip()}")
    return read_assembly(output)


def read_assembly(directory: Path) -> list[Stack]:
    manifest = _document(directory / "manifest.json")
    stacks = [
        _stack(directory, name, artifact["properties"]["templateFile"])
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
    if not stacks:
        raise AssemblyError(f"{directory}/manifest.json: expected a stack, found none")
    return stacks


def _variables(models_directory: Path, output: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CDK_")}
    return kept | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/serving/python'}",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "MODELS_DIR": str(models_directory.resolve()),
        "CDK_OUTDIR": str(output),
        "CDK_CONTEXT_JSON": json.dumps(_context(models_directory)),
    }


def _context(models_directory: Path) -> dict[str, Any]:
    stages = _document(ROOT / "cdk.json")["context"]["stages"]
    models = _model_names(models_directory)
    # A deployment must say which of several models is behind /predict; a laptop may just try them.
    default = stages[STAGE].get("default_model")
    if default not in models:
        stages[STAGE]["default_model"] = models[0]
    if default not in models and len(models) > 1:
        logger.warning(
            "cdk.json: context.stages.%s.default_model: expected one of %s, got %s; it will not "
            "deploy so, here %s is behind /predict",
            STAGE, ", ".join(models), default or "nothing", models[0],
        )  # fmt: skip
    # Nothing here checks who calls, and no page or document may tell callers to sign. No bucket is
    # there already.
    stages[STAGE] |= {"auth": "none", "jwt": None, "inbox_bucket": None}
    return {
        "stage": STAGE,
        "stages": stages,
        # Models may be large and are read where they are; nothing is copied.
        "aws:cdk:disable-asset-staging": True,
    }


def _model_names(models_directory: Path) -> list[str]:
    try:
        return [model.name for model in live_versions(models_directory)]
    except ConfigurationError as error:
        raise AssemblyError(str(error)) from error


def _stack(directory: Path, name: str, template_file: str) -> Stack:
    assets = _document(directory / f"{name}.assets.json")
    return Stack(
        name=name,
        template=_document(directory / template_file),
        images={
            tag: _image(directory, image["source"])
            for tag, image in assets.get("dockerImages", {}).items()
        },
    )


def _image(assembly: Path, source: dict[str, Any]) -> ImageAsset:
    # Paths are absolute where staging is off, and relative to the assembly otherwise.
    return ImageAsset(
        directory=assembly / source["directory"],
        dockerfile=source.get("dockerFile", "Dockerfile"),
        contexts={
            name: assembly / path for name, path in source.get("dockerBuildContexts", {}).items()
        },
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AssemblyError(f"{path}: expected a JSON document: {error}") from error
    return document
