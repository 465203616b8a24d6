"""Delivery: from an announced object to its one manifest, however often it is announced.

Every step is safe to repeat. Scored output is written first, under a key of which S3 keeps all
versions; then the manifest is swapped in, if and only if the one that was read is still there.
Until the swap nothing has happened. Whoever meets another manifest removes the outputs that can
only lose to it: replaced ones, its own, and those of deliveries that crashed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePosixPath

from delivery.errors import (
    ConflictError,
    DisagreementError,
    SourceGoneError,
    SupersededError,
)
from delivery.formats import format_of
from delivery.job import Source, job_id
from delivery.manifest import Manifest, ModelIdentity, Output, Timings
from delivery.store import Claim, Inbox, OpenedSource, Results, StoredManifest
from delivery.tally import Tally
from serving.errors import InvalidInputError, ModelError
from serving.model import Model


class Outcome(StrEnum):
    """How one announcement of an object ended; none of them is to be retried."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"  # a bad file: its manifest says why
    DUPLICATE = "duplicate"  # settled by another delivery
    SUPERSEDED = "superseded"  # a later version of the object is settled, or announced
    IGNORED = "ignored"  # no file: a folder's key, a marker
    REFUSED = "refused"  # another bucket, or another model's key


# How a manifest settles a claim; None where the claimed source is still to be scored.
Settles = Callable[[Manifest, Claim], Outcome | None]


@dataclass(frozen=True, slots=True)
class Scoring:
    """What became of a file: an output, or the reason why there is none."""

    tally: Tally
    output: Output | None = None
    reason: str | None = None


class Delivery:
    """Settles announced objects of one model, between one inbox and one results store."""

    def __init__(self, model: Model, *, inbox: Inbox, results: Results) -> None:
        self._model = model
        self._inbox = inbox
        self._results = results

    def settle(self, announced: Source) -> tuple[Outcome, Manifest | None]:
        """Bring an object to its end; the manifest is that of this delivery's own scoring, if any.

        Raises what storage raises on transient faults (the message must come again), and
        DisagreementError.
        """
        if announced.bucket != self._inbox.name or not self._is_ours(announced.key):
            return Outcome.REFUSED, None
        if _is_marker(announced.key):
            return Outcome.IGNORED, None
        stored = self._results.read_manifest(announced.key)
        try:
            with self._inbox.open(announced) as opened:
                return self._settle(opened.source, stored, lambda claim: self._score(opened, claim))
        except SourceGoneError:
            return self._settle(announced, stored, _gone)
        except SupersededError:
            return Outcome.SUPERSEDED, None

    def _settle(
        self, source: Source, stored: StoredManifest | None, score: Callable[[Claim], Scoring]
    ) -> tuple[Outcome, Manifest | None]:
        claim = self._claim(source)
        settles = self._settled_by if score is not _gone else self._settled_by_any
        if stored is not None and (settled := settles(stored.manifest, claim)):
            self._tidy(stored.manifest)
            return settled, None
        started = _now()
        scoring = score(claim)
        manifest = Manifest(
            job=claim.job,
            status="failed" if scoring.output is None else "succeeded",
            source=source,
            model=ModelIdentity(self._model.name, self._model.version, self._model.digest),
            rows=scoring.tally.rows,
            errors=tuple(scoring.tally.errors),
            reason=scoring.reason,
            output=scoring.output,
            timings=Timings(started, _now()),
        )
        return self._commit(manifest, stored, claim, settles), manifest

    def _score(self, opened: OpenedSource, claim: Claim) -> Scoring:
        tally = Tally()
        try:
            score_file = format_of(opened.source.key)
            with self._results.upload(claim) as upload:
                for data in score_file(opened.chunks, self._model, tally):
                    upload.write(data)
                tally.require(self._model.card)
                return Scoring(tally, output=upload.finish())
        except (InvalidInputError, ModelError) as error:
            return Scoring(tally, reason=str(error))

    def _commit(
        self, manifest: Manifest, stored: StoredManifest | None, claim: Claim, settles: Settles
    ) -> Outcome:
        while True:
            try:
                self._results.write_manifest(manifest, replacing=stored)
                break
            except ConflictError:
                winner = self._results.read_manifest(manifest.source.key)
            # A write whose answer was lost is sent again, and meets what it wrote itself.
            if winner is not None and winner.manifest == manifest:
                break
            if winner is not None and (settled := settles(winner.manifest, claim)):
                self._tidy(winner.manifest)
                _require_agreement(manifest, winner.manifest)
                return settled
            stored = winner
        if stored is not None:
            self._tidy(manifest, replaced=stored.manifest)
        return Outcome(manifest.status)

    def _tidy(self, winner: Manifest, *, replaced: Manifest | None = None) -> None:
        """Remove the replaced output, and those whose own deliveries `winner` turns away."""
        old = replaced.output.version if replaced and replaced.output else None
        for output in self._results.outputs(winner.source.key, besides=winner.output):
            if output.version == old or self._settled_by(winner, output.claim):
                self._results.discard(output)

    def _settled_by(self, manifest: Manifest, claim: Claim) -> Outcome | None:
        """How a manifest settles the source of a claim; None where it is still to be scored."""
        if manifest.job == claim.job:
            return Outcome.DUPLICATE
        there, here = manifest.source, claim.source
        if (there.version, there.etag) == (here.version, here.etag):
            # Under another digest: what succeeded stands; what failed may succeed now.
            return Outcome.DUPLICATE if manifest.status == "succeeded" else None
        if there.version is None or here.version is None:
            return None
        is_later = self._inbox.is_later(here.version, there.version, key=here.key)
        return None if is_later else Outcome.SUPERSEDED

    def _settled_by_any(self, manifest: Manifest, claim: Claim) -> Outcome:
        """How a manifest settles a source that is gone: nobody can tell any more which of two was
        the newer, and what is there stays."""
        return self._settled_by(manifest, claim) or Outcome.SUPERSEDED

    def _claim(self, source: Source) -> Claim:
        return Claim(source, job_id(source, self._model.digest))

    def _is_ours(self, key: str) -> bool:
        return key.startswith(f"{self._model.name}/")


def _gone(_: Claim) -> Scoring:
    return Scoring(Tally(), reason="the object was deleted before it was scored")


def _require_agreement(manifest: Manifest, winner: Manifest) -> None:
    if winner.job == manifest.job and winner.rows.total != manifest.rows.total:
        raise DisagreementError(
            f"job {manifest.job}: expected {winner.rows.total} rows, as its manifest says, got "
            f"{manifest.rows.total}"
        )


def _is_marker(key: str) -> bool:
    """Keys that are no files: folders, and the markers that data tools leave (_SUCCESS, .crc)."""
    return key.endswith("/") or PurePosixPath(key).name.startswith(("_", "."))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
