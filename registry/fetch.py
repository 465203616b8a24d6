"""Fetch versions that live elsewhere, as the card's [source] says, and verify them."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from registry.download import download, sha256_of
from registry.errors import FrozenVersionError, SelectionError, SourceError
from registry.selection import live_number, model_directories, model_directory
from registry.source import Source, read_sources
from registry.store import AGAIN, open_store
from serving.card import FILE_NAME
from serving.golden import FILE_NAME as GOLDEN
from terminal.output import say

# With the version's number. Beside the versions, so that a whole one is moved to its place in one
# step.
STAGING = ".fetching-"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", help="default: every model")
    parser.add_argument("--version", type=int, help="default: the live one")


def run(options: argparse.Namespace) -> int:
    if options.model is None:
        directories = model_directories(options.models_dir)
    else:
        directories = [model_directory(options.models_dir, options.model)]
    for directory in directories:
        say(fetch_wanted(directory, options.version))
    return 0


def fetch_wanted(directory: Path, number: int | None) -> str:
    """Fetch a version by its number, or the live one, if that lives elsewhere; what was done."""
    sources = read_sources(directory)
    wanted = live_number(directory) if number is None else number
    if wanted in sources:
        done = fetch(directory, wanted, sources[wanted])
        return done if GOLDEN in sources[wanted].files else f"{done}; it has no golden rows"
    if number is None:
        return f"{directory}: its live version lives here"
    there = ", ".join(map(str, sorted(sources))) or "none"
    raise SelectionError(f"{directory}/{FILE_NAME}: source: expected one of {there}, got {number}")


def fetch(directory: Path, number: int, source: Source) -> str:
    """Bring a version to its directory, whole or not at all; what was done, in a sentence.

    Raises SourceError, and FrozenVersionError where another version stands in its place.
    """
    version = directory / str(number)
    if version.exists():
        _require_same(version, source)
        return f"{version}: is as its source says"
    staging = directory / f"{STAGING}{number}"
    store = open_store(source.url, base=directory)
    staging.mkdir(exist_ok=True)
    with _alone(staging):
        if version.exists():  # another process has fetched it in the meantime
            _require_same(version, source)
        else:
            downloaded = {
                name: download(name, sha256, store, staging)
                for name, sha256 in source.files.items()
            }
            _assemble(staging / str(number), downloaded, source).rename(version)
        shutil.rmtree(staging, ignore_errors=True)
    return f"{version}: fetched {len(source.files)} file(s) from {source.url}"


@contextmanager
def _alone(staging: Path) -> Iterator[None]:
    """Two processes would both append to what was read. The system takes the lock from whoever
    ends, however it ends."""
    with ExitStack() as opened:
        try:
            descriptor = os.open(staging, os.O_RDONLY)
            opened.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError) as error:
            raise SourceError(
                f"{staging}: expected one fetch at a time, but another fetch is under way; wait "
                "for it, then run this again"
            ) from error
        yield


def _differing(version: Path, source: Source) -> list[str]:
    there = {
        path.relative_to(version).as_posix(): sha256_of(path)
        for path in version.rglob("*")
        if path.is_file()
    }
    names = sorted({*there, *source.files})
    return [name for name in names if there.get(name) != source.files.get(name)]


def _require_same(version: Path, source: Source) -> None:
    differing = _differing(version, source)
    if differing:
        raise FrozenVersionError(
            f"{version}: expected the files that the card's source names, but {differing[0]} is "
            "another, missing, or none of them; a version never changes once it has served: make "
            "it a new version, or move this directory away"
        )


def _assemble(assembly: Path, downloaded: dict[str, Path], source: Source) -> Path:
    shutil.rmtree(assembly, ignore_errors=True)
    for name, path in downloaded.items():
        target = assembly / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name in _differing(assembly, source):
        raise SourceError(f"{assembly}: expected {name} as it was read, got another; {AGAIN}")
    return assembly
