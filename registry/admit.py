"""Check that a version may serve: its graph, before anything loads it, then its golden rows."""

from __future__ import annotations

import argparse

from admission.gate import admit
from registry.selection import digest_of, load, model_directory, select_version
from serving.golden import FILE_NAME, require_golden
from terminal.output import say


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("--version", type=int, help="default: the live one")


def run(options: argparse.Namespace) -> int:
    selected = select_version(model_directory(options.models_dir, options.model), options.version)
    admit(selected.directory, selected.card)
    require_golden(load(selected), selected.directory)
    rows = "" if (selected.directory / FILE_NAME).is_file() else ", without golden rows"
    say(f"{selected.directory}: admitted{rows}; its scoring digest is {digest_of(selected)}")
    return 0
