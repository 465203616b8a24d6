"""Whether a message's work is done: by the rules under which the score function turns it away."""

from __future__ import annotations

from datetime import datetime

from delivery.manifest import GONE, Manifest
from delivery.store import Inbox
from delivery.task import Announcement, Task, announcement_of
from operations.results import is_same


def is_settled(
    manifest: Manifest, work: Announcement | Task, *, sent: datetime, inbox: Inbox
) -> bool:
    """Whether a manifest of its key settles the work of a message that was sent then."""
    source = announcement_of(work).source
    if is_same(manifest.source, source):
        if manifest.reason == GONE and source.version is None:
            # It may have come back, and this message may be the one that told of it.
            return False
        return _settles_version(manifest, work, sent)
    there, here = manifest.source.version, source.version
    if there is None or here is None:
        return False
    return not inbox.is_later(here, there, key=source.key)


def _settles_version(manifest: Manifest, work: Announcement | Task, sent: datetime) -> bool:
    if isinstance(work, Task):
        if manifest.model.digest == work.digest:
            return True
        return manifest.status == "succeeded" and not work.announcement.is_rescoring
    # Which digest is deployed is not known here; whoever began later scored under it.
    return not work.is_rescoring or datetime.fromisoformat(manifest.timings.started) > sent
