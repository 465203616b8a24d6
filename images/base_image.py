"""The image below ours: AWS's, or where no registry can be reached, one that stands in for it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from images.command import run
from images.engine import Engine
from images.errors import EngineError
from images.recipe import ROOT

DEFAULT = re.compile(r"^ARG BASE_IMAGE=(\S+)$", re.MULTILINE)
STAND_IN = "localhost/onnx-lambda-base:trixie"
# Debian 13, whose Python is 3.13.
SUITE = "trixie"
PACKAGES = "python3,python3-pip"
DIRECTORY = ROOT / "images" / "base"


def base_image(engine: Engine, scratch: Path) -> str:
    """The Dockerfiles' own base where it can be had; otherwise the stand-in, made once."""
    if engine.has(default := default_base()):
        return default
    _make_stand_in(engine, scratch)
    return STAND_IN


def default_base() -> str:
    [name] = {
        name
        for path in sorted((ROOT / "functions").glob("*/Dockerfile"))
        for name in DEFAULT.findall(path.read_text())
    }
    return str(name)


def _make_stand_in(engine: Engine, scratch: Path) -> None:
    """Debian is fetched once; what is put on top of it is only built again where it changed."""
    debian = ROOT / ".tools" / f"debian-{SUITE}"
    if not debian.is_dir():
        _fetch_debian(scratch / "debian", debian)
    arguments = ["--file", "Dockerfile", "--build-context", f"debian={debian}", "--tag", STAND_IN]
    engine.build(arguments, directory=DIRECTORY)


def _fetch_debian(incomplete: Path, target: Path) -> None:
    if shutil.which("debootstrap") is None or os.geteuid() != 0:
        raise EngineError(
            f"{default_base()}: expected a registry that has it, reached none; to build on a "
            "stand-in from Debian, run `apt-get install debootstrap`, and this command as root"
        )
    options = ["--variant=minbase", f"--include={PACKAGES}"]
    run(["debootstrap", *options, SUITE, str(incomplete), *_mirror()])
    target.parent.mkdir(exist_ok=True)
    shutil.move(incomplete, target)


def _mirror() -> list[str]:
    """Where this machine's own packages come from, if it is a Debian; debootstrap knows one."""
    if "ID=debian" not in Path("/etc/os-release").read_text().splitlines():
        return []
    form = "$(REPO_URI)"
    return run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).split()[:1]
