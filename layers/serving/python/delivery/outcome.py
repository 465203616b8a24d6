"""How the work that one message announced ended."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from delivery.manifest import Manifest


class Outcome(StrEnum):
    """None of them is to be retried."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"  # a bad file: its manifest says why
    DUPLICATE = "duplicate"  # settled by another delivery
    SUPERSEDED = "superseded"  # a later version of the object is settled, or announced
    SPLIT = "split"  # its spans are announced, to be scored side by side
    CONTINUED = "continued"  # the deadline came near: the rest is announced
    AWAITED = "awaited"  # this span is scored, and others are still to be
    IGNORED = "ignored"  # no file: a folder's key, a marker
    REFUSED = "refused"  # another bucket, or another model's key


class Settlement(NamedTuple):
    """`manifest` is the one that stands for the announced version, where there is one."""

    outcome: Outcome
    manifest: Manifest | None = None
