"""Delivery: from an announced object to its one manifest, however often it is announced.

Every step is safe to repeat. What is scored is written first, under keys of which S3 keeps all
versions; then the manifest is swapped in, if and only if the one that was read is still there.
Until the swap nothing has happened. Whoever meets another manifest removes the outputs that can
only lose to it: replaced ones, its own, and those of deliveries that crashed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeGuard

from delivery.deadline import Deadline
from delivery.errors import ConflictError, DisagreementError, SourceGoneError, SupersededError
from delivery.job import Source, is_marker, job_id
from delivery.job_scorer import JobScorer, Scoring
from delivery.manifest import Manifest, ModelIdentity, Timings
from delivery.outcome import Outcome, Settlement
from delivery.store import Claim, Inbox, Parts, PinnedObject, Results, StoredManifest, StoredOutput
from delivery.tally import Tally
from delivery.task import Announcement, Task
from serving.model import Model

# How a manifest settles a claim; None where the claimed source is still to be scored.
Settles = Callable[[Manifest, Claim], Outcome | None]


class Delivery:
    """Settles announced objects of one model, between one inbox and one results store."""

    def __init__(
        self, model: Model, *, inbox: Inbox, results: Results, parts: Parts, scorer: JobScorer
    ) -> None:
        self._model = model
        self._inbox = inbox
        self._results = results
        self._parts = parts
        self._scorer = scorer

    def settle(self, work: Announcement | Task, deadline: Deadline) -> Settlement:
        """Bring an object to its end, or as far as this run gets.

        Raises what storage raises on transient faults (the message must come again), and
        DisagreementError.
        """
        announcement = work.announcement if isinstance(work, Task) else work
        announced = announcement.source
        if announced.bucket != self._inbox.name or not self._is_ours(announced.key):
            return Settlement(Outcome.REFUSED)
        if is_marker(announced.key):
            return Settlement(Outcome.IGNORED)
        stored = self._results.read_manifest(announced.key)
        settles = self._settled_by_rescoring if announcement.is_rescoring else self._settled_by
        try:
            opened = self._inbox.open(announced)
            claim = self._claim(opened.source, announcement)
            return self._settle(
                claim, stored, settles, lambda: self._score(opened, claim, work, deadline)
            )
        except SourceGoneError:
            claim = self._claim(announced, announcement)
            return self._settle(claim, stored, self._settled_by_any, _gone)
        except SupersededError:
            return self._give_way(self._claim(announced, announcement))

    def _score(
        self, opened: PinnedObject, claim: Claim, work: Announcement | Task, deadline: Deadline
    ) -> Scoring | Outcome:
        if isinstance(work, Announcement) or work.digest == self._model.digest:
            return self._scorer.score(opened, claim, work, deadline)
        # The model has changed since: the job begins again, once, though each of its tasks says so.
        if self._parts.was_split(claim):
            return Outcome.DUPLICATE
        self._parts.remove(replace(claim, job=job_id(claim.source, work.digest)), kept=None)
        return self._scorer.score(opened, claim, work.announcement, deadline)

    def _settle(
        self,
        claim: Claim,
        stored: StoredManifest | None,
        settles: Settles,
        score: Callable[[], Scoring | Outcome],
    ) -> Settlement:
        if settlement := self._settlement(stored, claim, settles):
            return settlement
        started = _now()
        try:
            scoring = score()
        except ConflictError:
            if settlement := self._settled_meanwhile(claim, settles):
                return settlement
            raise
        if isinstance(scoring, Outcome):
            return self._settled_meanwhile(claim, settles) or Settlement(scoring)
        return self._commit(self._manifest(claim, scoring, started), stored, claim, settles)

    def _settled_meanwhile(self, claim: Claim, settles: Settles) -> Settlement | None:
        return self._settlement(self._results.read_manifest(claim.source.key), claim, settles)

    def _settlement(
        self, stored: StoredManifest | None, claim: Claim, settles: Settles
    ) -> Settlement | None:
        """How a stored manifest settles the claim, with what it turns away removed."""
        if stored is None or not (outcome := settles(stored.manifest, claim)):
            return None
        self._tidy(stored.manifest)
        if outcome is Outcome.SUPERSEDED:
            return self._give_way(claim)
        return Settlement(outcome, stored.manifest)

    def _give_way(self, claim: Claim) -> Settlement:
        self._parts.remove(claim, kept=None)
        return Settlement(Outcome.SUPERSEDED)

    def _is_overwritten(self, source: Source) -> bool:
        """Whether an object without versions holds other bytes by now. Asked after a manifest was
        read that is then replaced, it lets no older result take a newer one's place."""
        if source.version is not None or source.etag is None:
            return False
        try:
            self._inbox.open(source)
        except SupersededError:
            return True
        except SourceGoneError:
            return False
        return False

    def _manifest(self, claim: Claim, scoring: Scoring, started: str) -> Manifest:
        return Manifest(
            job=claim.job,
            status="failed" if scoring.output is None else "succeeded",
            source=claim.source,
            model=ModelIdentity(self._model.name, self._model.version, self._model.digest),
            rows=scoring.tally.rows,
            errors=tuple(scoring.tally.errors),
            reason=scoring.reason,
            output=scoring.output,
            timings=Timings(started, _now()),
        )

    def _commit(
        self, manifest: Manifest, stored: StoredManifest | None, claim: Claim, settles: Settles
    ) -> Settlement:
        while True:
            try:
                self._results.write_manifest(manifest, replacing=stored)
                break
            except ConflictError:
                winner = self._results.read_manifest(manifest.source.key)
            # A write whose answer was lost is sent again, and meets what it wrote itself.
            if winner is not None and winner.manifest == manifest:
                break
            if settlement := self._settlement(winner, claim, settles):
                self._discard(manifest, claim)
                _require_agreement(manifest, settlement.manifest)
                return settlement
            if self._is_overwritten(claim.source):
                self._discard(manifest, claim)
                return self._give_way(claim)
            stored = winner
        self._tidy(manifest, replaced=None if stored is None else stored.manifest)
        return Settlement(Outcome(manifest.status), manifest)

    def _discard(self, loser: Manifest, claim: Claim) -> None:
        """Remove an output that lost, whatever else is said of it."""
        if loser.output is not None and loser.output.version is not None:
            self._results.discard(StoredOutput(loser.output.version, claim))

    def _tidy(self, winner: Manifest, *, replaced: Manifest | None = None) -> None:
        """Remove the replaced output, those whose own deliveries `winner` turns away, and the parts
        that it no longer needs."""
        old = replaced.output.version if replaced and replaced.output else None
        for output in self._results.outputs(winner.source.key, besides=winner.output):
            if output.version == old or self._turns_away(winner, output.claim):
                self._results.discard(output)
        for manifest in filter(_may_have_parts, (winner, replaced)):
            claim = Claim(manifest.source, manifest.job)
            self._parts.remove(claim, kept=winner.output)

    def _turns_away(self, winner: Manifest, claim: Claim) -> bool:
        settles = self._settled_by_rescoring if claim.is_rescoring else self._settled_by
        return settles(winner, claim) is not None

    def _settled_by(self, manifest: Manifest, claim: Claim) -> Outcome | None:
        """How a manifest settles the source of a claim; None where it is still to be scored."""
        if _is_of(claim.source, manifest) and manifest.status == "succeeded":
            # Under whatever digest: what succeeded stands, but what failed may succeed now.
            return Outcome.DUPLICATE
        return self._settled_by_rescoring(manifest, claim)

    def _settled_by_rescoring(self, manifest: Manifest, claim: Claim) -> Outcome | None:
        if manifest.job == claim.job:
            return Outcome.DUPLICATE
        there, here = manifest.source.version, claim.source.version
        if _is_of(claim.source, manifest) or there is None or here is None:
            return None
        is_later = self._inbox.is_later(here, there, key=claim.source.key)
        return None if is_later else Outcome.SUPERSEDED

    def _settled_by_any(self, manifest: Manifest, claim: Claim) -> Outcome:
        """How a manifest settles a source that is gone: nobody can tell any more which of two was
        the newer, and what is there stays."""
        return self._settled_by(manifest, claim) or Outcome.SUPERSEDED

    def _claim(self, source: Source, announcement: Announcement) -> Claim:
        return Claim(source, job_id(source, self._model.digest), announcement.is_rescoring)

    def _is_ours(self, key: str) -> bool:
        return key.startswith(f"{self._model.name}/")


def _gone() -> Scoring:
    return Scoring(Tally(), reason="the object was deleted before it was scored")


def _is_of(source: Source, manifest: Manifest) -> bool:
    there = manifest.source
    return (there.version, there.etag) == (source.version, source.etag)


def _may_have_parts(manifest: Manifest | None) -> TypeGuard[Manifest]:
    return manifest is not None and (manifest.output is None or bool(manifest.output.parts))


def _require_agreement(manifest: Manifest, winner: Manifest | None) -> None:
    if winner is None or winner.job != manifest.job:
        return
    if winner.rows.total != manifest.rows.total:
        raise DisagreementError(
            f"job {manifest.job}: expected {winner.rows.total} rows, as its manifest says, got "
            f"{manifest.rows.total}"
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
