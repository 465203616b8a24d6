"""One file of a source: what was read stays when it is interrupted, and is checked at the end."""

from __future__ import annotations

import hashlib
from pathlib import Path

from registry.errors import SourceError
from registry.progress import Progress
from registry.store import Store


def download(name: str, sha256: str, store: Store, directory: Path) -> Path:
    """The file under its hash in `directory`. Raises SourceError where it has another one: then
    nothing of it stays."""
    path = directory / sha256
    size_bytes = store.size_bytes(name)
    path.touch()
    present_bytes = path.stat().st_size
    if present_bytes < size_bytes:
        with path.open("ab") as file, Progress(name, present_bytes, size_bytes) as progress:
            for chunk in store.chunks(name, present_bytes):
                file.write(chunk)
                progress.advance(len(chunk))
    got = sha256_of(path)
    if got != sha256:
        path.unlink()
        raise SourceError(
            f"{name}: expected SHA-256 {sha256}, got {got}; nothing was replaced. If the source is "
            "right, the card is not"
        )
    return path


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
