"""Container images: one Dockerfile per function, and what it copies from beside the repository."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk.aws_ecr_assets import DockerImageAssetInvalidationOptions, Platform
from aws_cdk.aws_lambda import DockerImageCode

from cdk.deployed_model import DeployedModel
from cdk.inventory import FILE_NAME
from cdk.libraries import REQUIREMENTS
from cdk.settings import Processor
from serving.libraries import libraries_of

ROOT = Path(__file__).parent.parent
PLATFORMS: Mapping[Processor, Platform] = {
    "x86_64": Platform.LINUX_AMD64,
    "arm64": Platform.LINUX_ARM64,
}


def model_image(function: str, model: DeployedModel, processor: Processor) -> DockerImageCode:
    """The function with one version of one model; its tag changes with the scoring digest."""
    libraries = libraries_of(model.card)
    return _image(
        function,
        processor,
        contexts={"model": model.directory, "card": model.directory.parent},
        content_digest=model.digest,
        build_args={
            "MODEL_NAME": model.name,
            "MODEL_VERSION": str(model.version),
            "SCORING_DIGEST": model.digest,
            "LIBRARIES": " ".join(libraries),
        },
        libraries=libraries,
    )


def catalog_image(inventory: Path, processor: Processor) -> DockerImageCode:
    """The catalog with the models.json in the directory `inventory`."""
    digest = hashlib.sha256((inventory / FILE_NAME).read_bytes()).hexdigest()
    contexts = {"catalog": inventory}
    return _image(
        "catalog",
        processor,
        contexts=contexts,
        content_digest=digest,
        build_args={},
        libraries=[],
    )


def _image(
    function: str,
    processor: Processor,
    *,
    contexts: Mapping[str, Path],
    content_digest: str,
    build_args: Mapping[str, str],
    libraries: Sequence[str],
) -> DockerImageCode:
    return DockerImageCode.from_image_asset(
        str(ROOT),
        file=f"functions/{function}/Dockerfile",
        platform=PLATFORMS[processor],
        exclude=[*_other_functions(function), *_other_requirements(libraries)],
        build_args=build_args,
        build_contexts={name: str(path) for name, path in contexts.items()},
        # A context counts by what is in it, which CDK does not read, and not by where it is.
        extra_hash=content_digest,
        invalidation=DockerImageAssetInvalidationOptions(build_contexts=False),
    )


def _other_functions(function: str) -> list[str]:
    """What keeps a change to one function from rebuilding the others."""
    folders = (path.name for path in (ROOT / "functions").iterdir() if path.is_dir())
    return [f"functions/{name}" for name in sorted(folders) if name != function]


def _other_requirements(libraries: Sequence[str]) -> list[str]:
    """What keeps a change to one library from rebuilding the images that do without it."""
    return [path for name, path in REQUIREMENTS.items() if name not in libraries]
