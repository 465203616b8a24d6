"""What there is to build: the images of a cloud assembly, as `cdk deploy` would build them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from images.command import run
from images.errors import EngineError

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image; `contexts` are build contexts by name, beside the directory itself."""

    name: str
    function: str
    directory: Path
    dockerfile: str
    build_args: dict[str, str]
    contexts: dict[str, Path]

    @property
    def model(self) -> str | None:
        """The model in the image; None for the catalog."""
        return self.build_args.get("MODEL_NAME")


def recipes(assembly: Path) -> list[Recipe]:
    """One for each image of every stack, by name."""
    found = {recipe.name: recipe for recipe in _recipes(assembly)}
    return sorted(found.values(), key=lambda recipe: recipe.name)


def _recipes(assembly: Path) -> Iterator[Recipe]:
    for path in sorted(assembly.glob("*.assets.json")):
        for image in json.loads(path.read_bytes()).get("dockerImages", {}).values():
            yield _recipe(assembly, image["source"])


def _recipe(assembly: Path, source: dict[str, Any]) -> Recipe:
    function = Path(source["dockerFile"]).parent.name
    arguments = source.get("dockerBuildArgs", {})
    contexts = source.get("dockerBuildContexts", {})
    return Recipe(
        name="-".join(filter(None, (arguments.get("MODEL_NAME"), function))),
        function=function,
        directory=assembly / source["directory"],
        dockerfile=source["dockerFile"],
        build_args={"REVISION": revision(), **arguments},
        contexts={name: assembly / path for name, path in contexts.items()},
    )


def revision() -> str:
    """The commit that is built; "" outside a repository."""
    try:
        return run(["git", "rev-parse", "HEAD"], directory=ROOT).strip()
    except EngineError:
        return ""
