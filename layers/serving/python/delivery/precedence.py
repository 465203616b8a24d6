"""Precedence: whether the manifest that stands settles a claim, or its source is to be scored."""

from __future__ import annotations

from collections.abc import Callable

from delivery.job import Source
from delivery.manifest import GONE, Manifest
from delivery.outcome import Outcome
from delivery.store import Claim, Inbox

# How a manifest settles a claim; None where the claimed source is still to be scored.
Settles = Callable[[Manifest, Claim], Outcome | None]


class Precedence:
    """What is newer is decided by the order of the inbox's versions, and by nothing else."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def rule(self, *, is_rescoring: bool) -> Settles:
        return self._settles_rescoring if is_rescoring else self._settles_scoring

    def turns_away(self, manifest: Manifest, claim: Claim) -> bool:
        return self.rule(is_rescoring=claim.is_rescoring)(manifest, claim) is not None

    def _settles_scoring(self, manifest: Manifest, claim: Claim) -> Outcome | None:
        if is_of(claim.source, manifest) and manifest.status == "succeeded":
            # Under whatever digest: what succeeded stands, but what failed may succeed now.
            return Outcome.DUPLICATE
        return self._settles_rescoring(manifest, claim)

    def _settles_rescoring(self, manifest: Manifest, claim: Claim) -> Outcome | None:
        if manifest.job == claim.job:
            return Outcome.DUPLICATE
        there, here = manifest.source.version, claim.source.version
        if is_of(claim.source, manifest) or there is None or here is None:
            return None
        is_later = self._inbox.is_later(here, there, key=claim.source.key)
        return None if is_later else Outcome.SUPERSEDED


def settles_gone(manifest: Manifest, claim: Claim) -> Outcome:
    """How a manifest settles a source that is gone: nobody can tell any more which of two was the
    newer, and what is there stays."""
    return Outcome.DUPLICATE if is_of(claim.source, manifest) else Outcome.SUPERSEDED


def says_gone(manifest: Manifest, claim: Claim) -> bool:
    return manifest.job == claim.job and manifest.reason == GONE


def is_of(source: Source, manifest: Manifest) -> bool:
    there = manifest.source
    return (there.version, there.etag) == (source.version, source.etag)
