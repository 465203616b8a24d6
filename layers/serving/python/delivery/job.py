"""A job: one version of one input object, scored under one scoring digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Source:
    """An input object. `version` is None in an unversioned bucket, `etag` where nobody told it."""

    bucket: str
    key: str
    version: str | None
    etag: str | None


def job_id(source: Source, digest: str) -> str:
    """SHA-256, in hex: equal for every delivery of the same bytes under the same model."""
    identity = [source.bucket, source.key, source.version or source.etag, digest]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def is_marker(key: str) -> bool:
    """Keys that are no files: folders, and the markers that data tools leave (_SUCCESS, .crc)."""
    return key.endswith("/") or PurePosixPath(key).name.startswith(("_", "."))
