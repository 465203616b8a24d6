"""Install packages for an image: by hash, without what nothing reads, compiled, timeless.

python -m images.steps.install <directory> <where requirements-<name>.txt are> [<name> …]
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from images.steps.bill import write_bill
from images.steps.symbols import drop_symbols
from images.steps.unused import leave_out

PIP = (
    "-m", "pip", "install", "--no-cache-dir", "--root-user-action=ignore", "--quiet",
    "--require-hashes", "--only-binary=:all:", "--no-deps", "--no-compile",
)  # fmt: skip
# At run time the file system is read-only, and file times are not what they were: bytecode is made
# here, and trusted without a look at its source.
COMPILE = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")


def install(packages: Path, requirements: Path, names: list[str]) -> None:
    packages.mkdir()
    if not names:
        return
    files = (str(requirements / f"requirements-{name}.txt") for name in names)
    asked = [word for file in files for word in ("--requirement", file)]
    _python(*PIP, "--target", str(packages), *asked)
    leave_out(packages)
    drop_symbols(packages)
    write_bill(packages)
    _python(*COMPILE, str(packages))
    _forget_times(packages)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


def _forget_times(packages: Path) -> None:
    """The same packages are the same layer, whenever they were installed."""
    for path in (packages, *packages.rglob("*")):
        os.utime(path, (0, 0), follow_symlinks=False)


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
