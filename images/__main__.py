"""`python -m images`: the container images of a stage, built and looked at."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from cdk.app import synthesize
from cdk.context import read_context
from images.base_image import base_image
from images.check import check, repeat_findings
from images.engine import find_engine
from images.errors import ImagesError
from images.image import Image
from images.recipe import ROOT, Recipe, recipes
from serving.errors import ConfigurationError
from terminal.command import FAILED, exit_code
from terminal.output import say, sum_up


def main(arguments: list[str]) -> int:
    """0 where every image is as it should be; 2 otherwise."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        return exit_code(
            partial(_run, Path(scratch), options),
            errors=(ImagesError, ConfigurationError),
            when_stopped="stopped; what is built already is kept",
        )


def _run(scratch: Path, options: argparse.Namespace) -> int:
    engine = find_engine()
    assembly = _synthesized(scratch / "assembly")
    base = options.base or base_image(engine, scratch)
    say(f"{type(engine).__name__} builds on {base}")
    below = Image(engine, base).saved(scratch / "base.tar")
    found, wanted = 0, recipes(assembly)
    for recipe in wanted:
        image = Image.built(engine, recipe, base=base)
        report = check(image, recipe, below, scratch)
        say(str(report))
        found += len(report.findings)
        if options.twice:
            found += _build_again(image, recipe, base, scratch)
    sum_up(f"{len(wanted)} images built, looked at and asked; {found} findings")
    return FAILED if found else 0


def _build_again(image: Image, recipe: Recipe, base: str, scratch: Path) -> int:
    first = image.saved(scratch / "first.tar")
    second = Image.built(image.engine, recipe, base=base, cached=False)
    differences = [*repeat_findings(first, second.saved(scratch / "second.tar"))]
    say("\n  ".join([f"{recipe.name}: {len(differences)} layers differ twice", *differences]))
    return len(differences)


def _synthesized(output: Path) -> Path:
    """The stage of cdk.json, with sources used where they are."""
    models = Path(os.environ.get("MODELS_DIR") or ROOT / "models")
    return synthesize(models, read_context() | {"aws:cdk:disable-asset-staging": True}, output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m images", description=__doc__)
    parser.add_argument(
        "--base", metavar="IMAGE", help="otherwise the Dockerfiles' own, or its stand-in"
    )
    parser.add_argument("--twice", action="store_true", help="build again, and compare the layers")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
