"""List the versions there are, and which of them are live."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from registry.progress import MEBIBYTE
from registry.selection import (
    digest_of,
    live_number,
    model_directories,
    model_directory,
    select_version,
)
from registry.source import read_sources
from serving.golden import read_golden
from serving.repository import ModelVersion, versions_of
from terminal.output import say, table

HEADS = ("model", "version", "live", "digest", "MiB", "golden rows", "source")
DIGEST_CHARACTERS = 12


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", help="default: every model")


def run(options: argparse.Namespace) -> int:
    if options.model is None:
        directories = model_directories(options.models_dir)
    else:
        directories = [model_directory(options.models_dir, options.model)]
    say(table(HEADS, [row for directory in directories for row in rows_of(directory)]))
    return 0


def rows_of(directory: Path) -> Iterator[tuple[str, ...]]:
    """A line for each version of a model, fetched or not."""
    versions, sources = versions_of(directory), read_sources(directory)
    live = live_number(directory)
    for number in sorted({*versions, *sources}):
        origin = sources[number].url if number in sources else "here"
        facts = _facts(select_version(directory, number)) if number in versions else _UNFETCHED
        yield directory.name, str(number), "live" if number == live else "", *facts, origin


_UNFETCHED = ("", "", "not fetched")


def _facts(selected: ModelVersion) -> tuple[str, str, str]:
    files = (path for path in selected.directory.rglob("*") if path.is_file())
    size_bytes = sum(path.stat().st_size for path in files)
    golden = read_golden(selected.directory)
    return (
        digest_of(selected)[:DIGEST_CHARACTERS],
        f"{size_bytes / MEBIBYTE:.1f}",
        "none" if golden is None else str(len(golden.instances)),
    )
