"""Version files: a version's directory holds plain files of its own, and nothing that leads out."""

from __future__ import annotations

import stat
from pathlib import Path

from serving.errors import ConfigurationError

# A container image on Lambda has 10 GB, with Python and the libraries.
MAX_BYTES = 10 * 10**9


def require_plain_files(version_directory: Path) -> None:
    """Raises ConfigurationError where the directory is or holds a link, hard or soft, or holds what
    is neither file nor directory, or more than an image can: a link reads what is not the
    version's, under a digest that does not say so."""
    _require_no_link(version_directory)
    total = sum(_plain_size(path) for path in sorted(version_directory.rglob("*")))
    if total > MAX_BYTES:
        raise ConfigurationError(
            f"{version_directory}: expected up to {MAX_BYTES:,} bytes, which an image holds, got "
            f"{total:,}"
        )


def _require_no_link(path: Path) -> None:
    if path.is_symlink():
        raise ConfigurationError(
            f"{path}: expected a file or directory of the version's own, got a link to "
            f"{path.readlink()}; copy what it leads to"
        )


def _plain_size(path: Path) -> int:
    _require_no_link(path)
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode):
        return 0
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(f"{path}: expected a file, got a device, pipe or socket")
    if status.st_nlink > 1:
        raise ConfigurationError(
            f"{path}: expected a file of its own, got one of {status.st_nlink} hard links; put a "
            "copy in its place"
        )
    return status.st_size
