"""A saved image: its configuration, and every file of its layers."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

# An empty file of this name, before that of what an upper layer removes.
WHITEOUT = ".wh."


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or directory; `content` is a regular file's."""

    path: PurePosixPath
    mode: int
    is_directory: bool
    is_link: bool
    content: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.content)


class Archive:
    """What `docker save` wrote of one image."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with tarfile.open(path) as archive:
            [manifest] = _document(archive, "manifest.json")
            self._layers: list[str] = manifest["Layers"]
            self._config: dict[str, Any] = _document(archive, manifest["Config"])

    @property
    def layer_digests(self) -> list[str]:
        digests: list[str] = self._config["rootfs"]["diff_ids"]
        return digests

    @property
    def labels(self) -> dict[str, str]:
        return self._config["config"].get("Labels") or {}

    @property
    def variables(self) -> dict[str, str]:
        assigned = self._config["config"].get("Env") or []
        return dict(variable.split("=", 1) for variable in assigned)

    @property
    def command(self) -> list[str]:
        """What runs in a container: the entry point with its arguments."""
        config = self._config["config"]
        return [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]

    @cached_property
    def history(self) -> list[str]:
        """What made each layer."""
        steps = self._config.get("history", [])
        return [step.get("created_by", "") for step in steps if not step.get("empty_layer")]

    def entries(self, *, above: list[str]) -> dict[PurePosixPath, Entry]:
        """All that the layers above those of a base leave in the image."""
        found: dict[PurePosixPath, Entry] = {}
        with tarfile.open(self._path) as archive:
            for name in self._layers[len(above) :]:
                with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                    _lay(found, _entries(layer))
        return found


def _lay(found: dict[PurePosixPath, Entry], layer: Iterator[Entry]) -> None:
    for entry in layer:
        if entry.path.name.startswith(WHITEOUT):
            found.pop(entry.path.with_name(entry.path.name.removeprefix(WHITEOUT)), None)
        else:
            found[entry.path] = entry


def _entries(layer: tarfile.TarFile) -> Iterator[Entry]:
    for member in layer:
        file = layer.extractfile(member) if member.isreg() else None
        yield Entry(
            path=PurePosixPath("/", member.name),
            mode=member.mode,
            is_directory=member.isdir(),
            is_link=member.issym() or member.islnk(),
            content=b"" if file is None else file.read(),
        )


def _document(archive: tarfile.TarFile, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    file = archive.extractfile(name)
    return None if file is None else json.loads(file.read())
