"""What a Dockerfile says that still matters outside a container.

The handler, the environment, and which local directory or file stands behind a path in the image.
What it installs or runs has no local meaning: the project's own environment holds it all.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Template

from local.assembly import ImageAsset
from local.errors import AssemblyError

TASK_ROOT = PurePosixPath("/var/task")
LAYER_PYTHON = PurePosixPath("/opt/python")
# What the AWS base images set.
BASE_VARIABLES = {"LAMBDA_TASK_ROOT": str(TASK_ROOT)}


@dataclass(slots=True)
class Image:
    """`files` maps paths in the image to what was copied there."""

    handler: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[PurePosixPath, Path] = field(default_factory=dict)

    @property
    def python_path(self) -> tuple[Path, ...]:
        """Where the layer's packages are; the task root is the working directory itself."""
        return tuple(path for place, path in self.files.items() if place == LAYER_PYTHON)

    def localized(self, value: str) -> str:
        """A variable's value, with a path into the image turned into the local one."""
        place = PurePosixPath(value)
        for parent in (place, *place.parents):
            if parent in self.files and place.is_absolute():
                return str(self.files[parent] / place.relative_to(parent))
        return value


def read_image(asset: ImageAsset) -> Image:
    """Raises AssemblyError where the Dockerfile cannot be followed."""
    path = asset.directory / asset.dockerfile
    reader = _Reader(asset)
    for instruction, rest in _instructions(path.read_text()):
        reader.read(instruction, rest)
    if not reader.image.handler:
        raise AssemblyError(f'{path}: expected CMD ["<module>.<function>"], found none')
    return reader.image


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    lines = (line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    text = re.sub(r"\\\s*\n", " ", "\n".join(lines))
    for line in text.splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction:
            yield instruction.upper(), rest.strip()


class _Reader:
    """Follows the instructions; `image` is the stage that it stands in, in the end the last one."""

    def __init__(self, asset: ImageAsset) -> None:
        self._asset = asset
        self._stages: set[str] = set()
        self.image = Image()

    def read(self, instruction: str, rest: str) -> None:
        match instruction:
            case "FROM":
                self._stages.update(re.findall(r"(?i)\sAS\s+(\S+)", rest))
                self.image = Image()
            case "CMD":
                self.image.handler = json.loads(rest)[0]
            case "ENV":
                pairs = (pair.partition("=") for pair in shlex.split(rest))
                self.image.variables.update({name: value for name, _, value in pairs})
            case "COPY":
                self._copy(shlex.split(rest))
            case "ARG" | "LABEL" | "RUN":
                pass
            case _:
                raise AssemblyError(
                    f"{self._asset.dockerfile}: {instruction} has no local meaning; "
                    "teach it to local/image.py"
                )

    def _copy(self, words: list[str]) -> None:
        options = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
        *sources, target = (word for word in words if not word.startswith("--"))
        context = self._context(options.get("from"))
        if context is None:
            return
        place = TASK_ROOT / Template(target).safe_substitute(BASE_VARIABLES)
        for source in sources:
            for path in _matches(context, source):
                into = target.endswith("/") and not path.is_dir()
                self.image.files[place / path.name if into else place] = path

    def _context(self, name: str | None) -> Path | None:
        """The directory that a COPY reads; None where it reads an earlier stage."""
        if name is None:
            return self._asset.directory
        if name in self._stages:
            return None
        if name in self._asset.contexts:
            return self._asset.contexts[name]
        there = ", ".join(sorted(self._asset.contexts))
        raise AssemblyError(
            f"{self._asset.dockerfile}: COPY --from={name}: expected a stage or one of the build "
            f"contexts {there}"
        )


def _matches(context: Path, source: str) -> list[Path]:
    """Docker's patterns are the shell's; one that matches nothing is an optional file."""
    return [context] if source in {".", "./", "/"} else sorted(context.glob(source.strip("/")))
