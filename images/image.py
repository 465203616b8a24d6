"""One image, by its name at the engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from images.archive import Archive
from images.engine import Engine
from images.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Image:
    engine: Engine
    name: str

    @classmethod
    def built(cls, engine: Engine, recipe: Recipe, *, base: str, cached: bool = True) -> Image:
        image = cls(engine, f"localhost/onnx-lambda/{recipe.name}:latest")
        arguments = ["--file", recipe.dockerfile, "--tag", image.name]
        for name, value in {"BASE_IMAGE": base, **recipe.build_args}.items():
            arguments += ["--build-arg", f"{name}={value}"]
        for name, path in recipe.contexts.items():
            arguments += ["--build-context", f"{name}={path}"]
        engine.build(arguments, directory=recipe.directory, cached=cached)
        return image

    def saved(self, path: Path) -> Archive:
        self.engine.save(self.name, path)
        return Archive(path)
