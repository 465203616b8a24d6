"""What builds and runs images: docker, podman, or buildah, which needs no daemon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from images.buildah import Buildah
from images.command import NOBODY, Launch, assigned, run
from images.errors import EngineError


class Engine(Protocol):
    """`build` takes the arguments of `docker build`; all of them raise EngineError."""

    def build(self, arguments: Sequence[str], *, directory: Path, cached: bool = True) -> None: ...

    def has(self, image: str) -> bool:
        """Whether the image is here, or can be fetched."""

    def tag(self, image: str, alias: str) -> None: ...

    def save(self, image: str, archive: Path) -> None:
        """Write the image as `docker save` does."""

    def container(self, image: str, command: Sequence[str]) -> AbstractContextManager[Launch]:
        """What runs the image's own `command`: as nobody, on this machine's network."""


class Docker:
    """Docker, or podman, which takes the same words."""

    def __init__(self, program: str) -> None:
        self._program = program
        run([program, "info"])

    def build(self, arguments: Sequence[str], *, directory: Path, cached: bool = True) -> None:
        fresh = [] if cached else ["--no-cache"]
        run([self._program, "build", *fresh, *arguments, "."], directory=directory)

    def has(self, image: str) -> bool:
        return any(
            _succeeds(self._program, *words)
            for words in (("image", "inspect", image), ("pull", "--quiet", image))
        )

    def tag(self, image: str, alias: str) -> None:
        run([self._program, "tag", image, alias])

    def save(self, image: str, archive: Path) -> None:
        run([self._program, "save", "--output", str(archive), image])

    @contextmanager
    def container(self, image: str, command: Sequence[str]) -> Iterator[Launch]:
        entrypoint, *rest = command
        yield lambda variables: [
            *(self._program, "run", "--rm", "--read-only", "--tmpfs", "/tmp"),  # noqa: S108 - the container's own
            *("--network", "host", "--user", NOBODY, *assigned(variables)),
            *("--entrypoint", entrypoint, image, *rest),
        ]


def find_engine() -> Engine:
    """The first that works here. Raises EngineError with what to install."""
    refusals = []
    for make in (lambda: Docker("docker"), lambda: Docker("podman"), Buildah):
        try:
            return make()
        except EngineError as error:
            refusals.append(str(error).splitlines()[0])
    raise EngineError(
        "expected something that builds images, found nothing that works:\n  "
        + "\n  ".join(refusals)
        + "\ninstall Docker or podman; or, on Debian and Ubuntu, run `apt-get install buildah "
        "debootstrap`, and this command as root"
    )


def _succeeds(*command: str) -> bool:
    try:
        run(command)
    except EngineError:
        return False
    return True
