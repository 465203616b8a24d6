"""Buildah, with no daemon, no cgroups and no network of its own: it needs only root."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from images.command import NOBODY, Launch, assigned, run
from images.errors import EngineError

ISOLATION = ("--isolation", "chroot")
# What pip needs to know of this machine: whom it trusts, and where it looks.
OF_THIS_MACHINE = ("/etc/ssl/certs", "/etc/pip.conf")
COPY_BY_PATTERN = re.compile(r"^COPY\b.*--from=(?P<context>\S+)\s+(?P<pattern>\S*\[\S*)\s+\S+$")


class Buildah:
    """An engine, as images.engine has it."""

    def __init__(self) -> None:
        run(["buildah", "--version"])
        if os.geteuid() != 0:
            raise EngineError("buildah: expected to be run as root, for it makes root directories")

    def build(self, arguments: Sequence[str], *, directory: Path, cached: bool = True) -> None:
        volumes = [path for path in OF_THIS_MACHINE if Path(path).exists()]
        words = list(arguments)
        place = words.index("--file") + 1
        dockerfile = (directory / words[place]).read_text()
        with tempfile.TemporaryDirectory() as scratch:
            words[place] = f"{scratch}/Dockerfile"
            Path(words[place]).write_text(without_absent_files(dockerfile, _contexts(words)))
            run(
                [
                    *("buildah", "build", *ISOLATION, "--network", "host"),
                    # Each instruction a layer; all of them, and all in them, of one time.
                    *("--layers", "--timestamp", "0"),
                    *(() if cached else ("--no-cache",)),
                    *(word for path in volumes for word in ("--volume", f"{path}:{path}:ro")),
                    *(*words, str(directory)),
                ]
            )

    def has(self, image: str) -> bool:
        try:
            run(["buildah", "pull", "--quiet", "--policy", "missing", image])
        except EngineError:
            return False
        return True

    def tag(self, image: str, alias: str) -> None:
        run(["buildah", "tag", image, alias])

    def save(self, image: str, archive: Path) -> None:
        archive.unlink(missing_ok=True)
        run(["buildah", "push", "--quiet", image, f"docker-archive:{archive}:{image}"])

    @contextmanager
    def container(self, image: str, command: Sequence[str]) -> Iterator[Launch]:
        name = run(["buildah", "from", "--pull-never", image]).strip()
        try:
            yield lambda variables: [
                *("buildah", "run", *ISOLATION, "--network", "host", "--user", NOBODY),
                *(*assigned(variables), name, "--", *command),
            ]
        finally:
            run(["buildah", "rm", name])


def _contexts(words: Sequence[str]) -> dict[str, str]:
    given = (value for option, value in pairwise(words) if option == "--build-context")
    return dict(value.split("=", 1) for value in given)


def without_absent_files(dockerfile: str, contexts: Mapping[str, str]) -> str:
    """Leaves out each COPY from a context by a pattern that matches nothing there.

    Docker copies nothing then, and so does newer buildah; the one of Debian 12 fails.
    """
    lines = dockerfile.splitlines(keepends=True)
    return "".join(line for line in lines if not _matches_nothing(line, contexts))


def _matches_nothing(line: str, contexts: Mapping[str, str]) -> bool:
    copy = COPY_BY_PATTERN.match(line)
    if copy is None or copy["context"] not in contexts:
        return False
    return not any(Path(contexts[copy["context"]]).glob(copy["pattern"]))
