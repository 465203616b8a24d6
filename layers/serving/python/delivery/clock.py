"""The time, as manifests tell it."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """ISO 8601 with UTC's offset, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
