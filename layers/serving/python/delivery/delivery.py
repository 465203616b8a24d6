"""Delivery: from an announced object to its one manifest, however often it is announced.

Every step is safe to repeat. Scored output is written first, under a key of which S3 keeps all
versions; then the manifest is swapped in, if and only if the one that was read is still there.
Whoever loses that race takes back its own output version. Until the swap nothing has happened.
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
from delivery.store import Inbox, OpenedSource, Results, StoredManifest
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
                return self._settle(opened.source, stored, lambda: self._score(opened))
        except SourceGoneError:
            return self._settle(announced, stored, _gone)
        except SupersededError:
            return Outcome.SUPERSEDED, None

    def _settle(
        self, source: Source, stored: StoredManifest | None, score: Callable[[], Scoring]
    ) -> tuple[Outcome, Manifest | None]:
        settled = self._settled_by(stored, source)
        if settled is not None:
            return settled, None
        started = _now()
        scoring = score()
        manifest = Manifest(
            job=self._job(source),
            status="failed" if scoring.output is None else "succeeded",
            source=source,
            model=ModelIdentity(self._model.name, self._model.version, self._model.digest),
            rows=scoring.tally.rows,
            errors=tuple(scoring.tally.errors),
            reason=scoring.reason,
            output=scoring.output,
            timings=Timings(started, _now()),
        )
        return self._commit(manifest, stored), manifest

    def _score(self, opened: OpenedSource) -> Scoring:
        tally = Tally()
        try:
            score_file = format_of(opened.source.key)
            with self._results.upload(opened.source.key) as upload:
                for data in score_file(opened.chunks, self._model, tally):
                    upload.write(data)
                tally.require(self._model.card)
                return Scoring(tally, output=upload.finish())
        except (InvalidInputError, ModelError) as error:
            return Scoring(tally, reason=str(error))

    def _commit(self, manifest: Manifest, stored: StoredManifest | None) -> Outcome:
        while True:
            try:
                self._results.write_manifest(manifest, replacing=stored)
                break
            except ConflictError:
                winner = self._results.read_manifest(manifest.source.key)
            # A write whose answer was lost is sent again, and meets what it wrote itself.
            if winner is not None and winner.manifest == manifest:
                break
            settled = self._settled_by(winner, manifest.source)
            if settled is not None:
                self._give_way(manifest, winner)
                return settled
            stored = winner
        if stored is not None and stored.manifest.output is not None:
            self._results.discard(stored.manifest.output)
        return Outcome(manifest.status)

    def _give_way(self, manifest: Manifest, winner: StoredManifest | None) -> None:
        if manifest.output is not None:
            self._results.discard(manifest.output)
        if winner is None or winner.manifest.job != manifest.job:
            return
        if winner.manifest.rows.total != manifest.rows.total:
            raise DisagreementError(
                f"job {manifest.job}: expected {winner.manifest.rows.total} rows, as its manifest "
                f"says, got {manifest.rows.total}"
            )

    def _settled_by(self, stored: StoredManifest | None, source: Source) -> Outcome | None:
        """How an earlier manifest settles this source; None where it is still to be scored."""
        if stored is None:
            return None
        manifest = stored.manifest
        if manifest.job == self._job(source):
            return Outcome.DUPLICATE
        there, here = manifest.source.version, source.version
        if (there, manifest.source.etag) == (here, source.etag):
            # Under another digest: what succeeded stands; what failed may succeed now.
            return Outcome.DUPLICATE if manifest.status == "succeeded" else None
        if there and here and self._inbox.is_later(there, here, key=source.key):
            return Outcome.SUPERSEDED
        return None

    def _job(self, source: Source) -> str:
        return job_id(source, self._model.digest)

    def _is_ours(self, key: str) -> bool:
        return key.startswith(f"{self._model.name}/")


def _gone() -> Scoring:
    return Scoring(Tally(), reason="the object was deleted before it was scored")


def _is_marker(key: str) -> bool:
    """Keys that are no files: folders, and the markers that data tools leave (_SUCCESS, .crc)."""
    return key.endswith("/") or PurePosixPath(key).name.startswith(("_", "."))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
