"""Delivery: from an announced object to its one manifest, however often it is announced.

Every step is safe to repeat. What is scored is written first, under keys of which S3 keeps all
versions; then the manifest is swapped in, if and only if the one that was read is still there.
Until the swap nothing has happened. Whoever meets another manifest removes the outputs that can
only lose to it: replaced ones, its own, and those of deliveries that crashed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from delivery.clock import now
from delivery.deadline import Deadline
from delivery.errors import ConflictError, DisagreementError, SourceGoneError, SupersededError
from delivery.job import Source, is_marker, job_id
from delivery.job_scorer import JobScorer, Scoring
from delivery.manifest import GONE, Manifest, ModelIdentity, Timings
from delivery.outcome import Outcome, Settlement
from delivery.precedence import Precedence, Settles, is_of, says_gone, settles_gone
from delivery.store import Claim, Inbox, Parts, PinnedObject, Results, StoredManifest, StoredOutput
from delivery.tally import Tally
from delivery.task import Announcement, Task, announcement_of
from serving.model import Model

# What wrote a manifest.
COMMITTED = frozenset({Outcome.SUCCEEDED, Outcome.FAILED})


class Delivery:
    """Settles announced objects of one model, between one inbox and one results store."""

    def __init__(
        self, model: Model, *, inbox: Inbox, results: Results, parts: Parts, scorer: JobScorer
    ) -> None:
        self._model = model
        self._inbox = inbox
        self._precedence = Precedence(inbox)
        self._results = results
        self._parts = parts
        self._scorer = scorer

    def settle(self, work: Announcement | Task, deadline: Deadline) -> Settlement:
        """Bring an object to its end, or as far as this run gets.

        Raises what storage raises on transient faults (the message must come again), and
        DisagreementError.
        """
        announcement = announcement_of(work)
        announced = announcement.source
        if announced.bucket != self._inbox.name or not self._is_ours(announced.key):
            return Settlement(Outcome.REFUSED)
        if is_marker(announced.key):
            return Settlement(Outcome.IGNORED)
        stored = self._results.read_manifest(announced.key)
        try:
            opened = self._inbox.open(announced)
            settlement = self._settle(opened, work, stored, deadline)
            is_stale = settlement.outcome in COMMITTED and self._is_overwritten(opened.source)
        except SourceGoneError:
            return self._settle_gone(self._claim(announced, announcement), stored)
        except SupersededError:
            settlement = self._give_way(self._claim(announced, announcement))
            is_stale = stored is not None and is_of(announced, stored.manifest)
        if is_stale:
            # Whoever came for what is there now may have met the same bytes' older result and gone.
            return self.settle(Announcement(replace(announced, etag=None)), deadline)
        return settlement

    def _settle(
        self,
        opened: PinnedObject,
        work: Announcement | Task,
        stored: StoredManifest | None,
        deadline: Deadline,
    ) -> Settlement:
        announcement = announcement_of(work)
        settles = self._precedence.rule(is_rescoring=announcement.is_rescoring)
        claim = self._claim(opened.source, announcement)
        is_back = stored is not None and says_gone(stored.manifest, claim)
        if not is_back and (settlement := self._settlement(stored, claim, settles)):
            return settlement
        started = work.started if isinstance(work, Task) else now()
        try:
            scoring = self._score(opened, claim, work, deadline)
        except ConflictError:
            if settlement := self._settled_since(stored, claim, settles):
                return settlement
            raise
        if isinstance(scoring, Outcome):
            return self._settled_since(stored, claim, settles) or Settlement(scoring)
        return self._commit(self._manifest(claim, scoring, started), stored, claim, settles)

    def _settle_gone(self, claim: Claim, stored: StoredManifest | None) -> Settlement:
        gone = self._manifest(claim, Scoring(Tally(), reason=GONE), now())
        return self._settlement(stored, claim, settles_gone) or self._commit(
            gone, stored, claim, settles_gone
        )

    def _score(
        self, opened: PinnedObject, claim: Claim, work: Announcement | Task, deadline: Deadline
    ) -> Scoring | Outcome:
        if isinstance(work, Announcement) or work.digest == self._model.digest:
            return self._scorer.score(opened, claim, work, deadline)
        # The model has changed since: the job begins again, once, though each of its tasks says so.
        if self._parts.was_split(claim):
            return Outcome.DUPLICATE
        self._parts.forget(replace(claim, job=job_id(claim.source, work.digest)))
        return self._scorer.score(opened, claim, work.announcement, deadline)

    def _settled_since(
        self, stored: StoredManifest | None, claim: Claim, settles: Settles
    ) -> Settlement | None:
        """How a manifest settles the claim that is not the one read before."""
        current = self._results.read_manifest(claim.source.key)
        return None if _are_same(current, stored) else self._settlement(current, claim, settles)

    def _settlement(
        self, stored: StoredManifest | None, claim: Claim, settles: Settles
    ) -> Settlement | None:
        """How a stored manifest settles the claim, with what it turns away removed."""
        if stored is None or not (outcome := settles(stored.manifest, claim)):
            return None
        self._tidy(stored.manifest)
        if outcome is Outcome.SUPERSEDED:
            return self._give_way(claim)
        if stored.manifest.job == claim.job:
            # Whoever was slow may have begun parts even of what another wrote whole.
            self._drop(claim, settled_by=stored.manifest)
        return Settlement(outcome, stored.manifest)

    def _give_way(self, claim: Claim) -> Settlement:
        self._drop(claim)
        return Settlement(Outcome.SUPERSEDED)

    def _drop(self, claim: Claim, *, settled_by: Manifest | None = None) -> None:
        """Remove the parts of a job that has ended. Without versions it may not have, unless it has
        its own manifest: the same bytes may come back, and who scores them counts on its parts."""
        is_settled = settled_by is not None and settled_by.reason != GONE
        if is_settled or claim.source.version is not None:
            self._parts.remove(claim, kept=settled_by.output if settled_by else None)
        else:
            self._parts.forget(claim)

    def _drop_replaced(self, replaced: Manifest) -> None:
        if replaced.source.version is None and replaced.output is not None:
            # By their versions: whoever scores the same bytes again writes others.
            for part in replaced.output.parts:
                self._parts.discard(part)
        self._drop(Claim(replaced.source, replaced.job))

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
            timings=Timings(started, now()),
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
            if not _are_same(winner, stored) and (
                settlement := self._settlement(winner, claim, settles)
            ):
                self._discard(manifest, claim)
                _require_agreement(manifest, settlement.manifest)
                return settlement
            if self._is_overwritten(claim.source):
                self._discard(manifest, claim)
                return self._give_way(claim)
            stored = winner
        replaced = None if stored is None else stored.manifest
        self._tidy(manifest, replaced=replaced)
        if _may_have_parts(manifest):
            self._drop(claim, settled_by=manifest)
        if _may_have_parts(replaced) and replaced.job != manifest.job:
            self._drop_replaced(replaced)
        return Settlement(Outcome(manifest.status), manifest)

    def _discard(self, loser: Manifest, claim: Claim) -> None:
        """Remove an output that lost, whatever else is said of it."""
        if loser.output is not None and loser.output.version is not None:
            self._results.discard(StoredOutput(loser.output.version, claim))

    def _tidy(self, winner: Manifest, *, replaced: Manifest | None = None) -> None:
        """Remove the replaced output, and those whose own deliveries `winner` turns away."""
        old = replaced.output.version if replaced and replaced.output else None
        for output in self._results.outputs(winner.source.key, besides=winner.output):
            if output.version == old or self._precedence.turns_away(winner, output.claim):
                self._results.discard(output)

    def _claim(self, source: Source, announcement: Announcement) -> Claim:
        return Claim(source, job_id(source, self._model.digest), announcement.is_rescoring)

    def _is_ours(self, key: str) -> bool:
        return key.startswith(f"{self._model.name}/")


def _are_same(one: StoredManifest | None, other: StoredManifest | None) -> bool:
    return one is not None and other is not None and one.tag == other.tag


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
