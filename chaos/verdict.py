"""The verdict on a run: what the results must say of everything that was uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos.cloud import Cloud
from chaos.content import Content
from chaos.laboratory import VERSIONS
from chaos.ledger import Ledger, Upload
from chaos.on_call import person_on_call
from chaos.s3_error import S3Error
from chaos.scored_rows import ScoredRow, scored_rows
from delivery.manifest import GONE, SUFFIX, Manifest, Output, OutputPart
from formats.row_file import RowCounts
from operations.dead_letter import Subject

PARTS = ".parts/"


def violations(cloud: Cloud, ledger: Ledger, *, may_be_dead: bool) -> Iterator[str]:
    """All that is wrong, in words, once nothing is left to do.

    `may_be_dead`: what lies among the dead letters need not be settled, unless the person on call
    is told that it is.
    """
    letters = person_on_call().letters(cloud) if may_be_dead else []
    dead = Dead([subject for letter in letters for subject in letter.subjects])
    for key, uploads in ledger.uploads.items():
        for sentence in _of_key(cloud, uploads, dead, manifests_of(cloud, key)):
            yield f"{key}: {sentence}"
    for key, _ in cloud.results.objects():
        if key.endswith(SUFFIX) and key.removesuffix(SUFFIX) not in ledger.uploads:
            yield f"{key}: a manifest of what was never uploaded"


@dataclass(frozen=True, slots=True)
class Dead:
    """What dead letters are about."""

    subjects: Sequence[Subject]

    def holds(self, upload: Upload) -> bool:
        return any(upload.is_of(subject.source) for subject in self.subjects)

    def excuses(self, upload: Upload) -> bool:
        """Whether an upload may be without a result."""
        return any(upload.is_of(s.source) and not s.settled for s in self.subjects)


def manifests_of(cloud: Cloud, key: str) -> list[Manifest]:
    """All that were ever committed, in their order."""
    versions = [v for k, v in cloud.results.versions(key + SUFFIX) if k == key + SUFFIX]
    contents = [version.content for version in reversed(versions)]
    return [Manifest.from_json(content.read()) for content in contents if content is not None]


def _of_key(
    cloud: Cloud, uploads: Sequence[Upload], dead: Dead, manifests: Sequence[Manifest]
) -> Iterator[str]:
    yield from _history(uploads, manifests)
    required = [upload for upload in uploads if not dead.excuses(upload)]
    yield from _unsettled(cloud, uploads, required, manifests)
    is_excused = len(required) < len(uploads) and _is_plain(cloud, uploads)
    if is_excused and not any(_unsettled(cloud, uploads, uploads, manifests)):
        yield "a dead letter is not recognised as settled by another delivery"
    yield from _untold(cloud, uploads, dead, manifests[-1:])


def _untold(
    cloud: Cloud, uploads: Sequence[Upload], dead: Dead, current: Sequence[Manifest]
) -> Iterator[str]:
    """What died between the commit and the event tells of it once it is sent again."""
    for manifest in current:
        source = _source_of(manifest, uploads)
        is_due = source is not None and not dead.holds(source)
        if is_due and not any(_tells(detail, manifest) for detail in cloud.bus.details):
            yield f"no completion event for job {manifest.job}"


def _is_plain(cloud: Cloud, uploads: Sequence[Upload]) -> bool:
    """Whether a manifest alone says what a dead letter still asks for: nothing is overwritten for
    good, the model is the same all along, and nobody wants what is scored to be scored again."""
    is_rescored = any(upload.rescored_under is not None for upload in uploads)
    is_redeployed = cloud.deployment.version != VERSIONS[0]
    return cloud.inbox.versioned and not is_rescored and not is_redeployed


def _unsettled(
    cloud: Cloud,
    uploads: Sequence[Upload],
    required: Sequence[Upload],
    manifests: Sequence[Manifest],
) -> Iterator[str]:
    """What is missing, or wrong, of the results that are required."""
    if not manifests:
        if any(not upload.is_overwritten for upload in required):
            yield "no manifest"
        return
    current = manifests[-1]
    source = _source_of(current, uploads)
    if source is None:
        return
    yield from _stale(uploads, required, source)
    if current.reason == GONE and source in required and not source.is_removed:
        yield "failed as if it had been deleted, and uploaded again since"
    if current.output is not None:
        yield from _wrong_output(cloud, source, current.output, current.model.version)
    # What failed is scored again by whoever meets it, under its own version.
    is_open = source.is_removed or source.file.rows is None
    asked = None if is_open else source.rescored_under
    if asked is not None and source in required and current.model.version < asked:
        yield f"not scored again under version {asked}"


def _source_of(manifest: Manifest, uploads: Sequence[Upload]) -> Upload | None:
    return next((u for u in reversed(uploads) if u.is_of(manifest.source)), None)


def _tells(detail: object, manifest: Manifest) -> bool:
    return (
        isinstance(detail, dict)
        and detail["job"] == manifest.job
        and detail["status"] == manifest.status
    )


def _history(uploads: Sequence[Upload], manifests: Sequence[Manifest]) -> Iterator[str]:
    """Each manifest is right, and never of an upload before that of the manifest before."""
    reached = 0
    before: Manifest | None = None
    statuses: dict[str, str] = {}
    for manifest in manifests:
        source = manifest.source
        numbers = [n for n, u in enumerate(uploads) if u.is_of(source)]
        if not numbers:
            yield f"a manifest of version {source.version}, which was never uploaded"
            continue
        number = next((n for n in numbers if n >= reached), numbers[-1])
        if number < reached and not uploads[reached].is_removed:
            yield f"upload {number + 1} was committed after upload {reached + 1}"
        is_asked_for = any(uploads[n].rescored_under is not None for n in numbers)
        if before is not None and not is_asked_for and _is_again(before, manifest):
            yield f"upload {number + 1} was scored again, though nobody asked for it"
        yield from _wrong(uploads[number], manifest)
        reached, before = number, manifest
        # Without versions, what was deleted may come back, and then succeed.
        is_one = len(numbers) == 1
        if is_one and statuses.setdefault(manifest.job, manifest.status) != manifest.status:
            yield f"job {manifest.job}: both succeeded and failed"


def _is_again(before: Manifest, manifest: Manifest) -> bool:
    """Whether a manifest replaces a result of the same source."""
    return before.status == "succeeded" and before.source == manifest.source


def _stale(uploads: Sequence[Upload], required: Sequence[Upload], current: Upload) -> Iterator[str]:
    newest = [upload for upload in required if not upload.is_removed]
    if newest and uploads.index(current) < uploads.index(newest[-1]):
        yield f"upload {uploads.index(newest[-1]) + 1} is not settled"


def _wrong(upload: Upload, manifest: Manifest) -> Iterator[str]:
    """How a manifest differs from what must become of an upload, whatever its output holds."""
    rows = upload.file.rows
    if manifest.reason == GONE:
        if not upload.is_removed:
            yield "failed as if it had been deleted"
        return
    if rows is None or manifest.output is None:
        if rows is not None:
            yield f"a good file failed: {manifest.reason}"
        if manifest.output is not None:
            yield "a bad file succeeded"
        return
    bad = sum(row.x1 is None for row in rows)
    counted = RowCounts(len(rows), len(rows) - bad, bad)
    if manifest.rows != counted:
        yield f"expected {counted}, got {manifest.rows}"
    if manifest.status != "succeeded":
        yield f"an output of a manifest that says {manifest.status}"


def _wrong_output(cloud: Cloud, upload: Upload, output: Output, version: int) -> Iterator[str]:
    try:
        bodies = [*_bodies(cloud, output)]
        scored = scored_rows(upload.ending, bodies)
    except (S3Error, ValueError, OSError, EOFError) as error:
        yield f"the output is torn: {error!r}"
        return
    if scored != [ScoredRow.expected(row, version) for row in upload.file.rows or ()]:
        yield f"expected the rows of {upload.version}, got {scored}"


def misleading(cloud: Cloud, ledger: Ledger) -> Iterator[str]:
    """Plain keys that show another output than their manifests. A process that dies between its
    output and its manifest leaves such a one, until somebody meets the manifest again."""
    for key in ledger.uploads:
        plain = cloud.results.current(key)
        manifests = manifests_of(cloud, key)
        output = manifests[-1].output if manifests else None
        if (plain and plain.id) != (output and output.version):
            yield f"{key}: the plain key shows another output than the manifest"


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is to have a size and, where one is told, a hash."""

    content: Content
    size: int
    sha256: str | None


def _bodies(cloud: Cloud, output: Output) -> Iterator[bytes]:
    """Raises ValueError where a size or a hash is not what the manifest says, and S3Error."""
    if output.version is None:
        for part in output.parts:
            yield _checked(_piece(cloud, part))
        return
    _, content = cloud.results.version(output.key, output.version)
    yield _checked(_Piece(content, output.size, output.sha256))
    start = 0
    for part in output.parts:
        stop = start + part.size
        _checked(_Piece(content.cut(start, stop), part.size, part.sha256))
        start = stop
    if output.parts and start != output.size:
        raise ValueError(f"parts of {start} bytes, and an output of {output.size}")


def _piece(cloud: Cloud, part: OutputPart) -> _Piece:
    _, content = cloud.results.version(str(part.key), part.version)
    return _Piece(content, part.size, part.sha256)


def _checked(piece: _Piece) -> bytes:
    body = piece.content.read()
    if len(body) != piece.size:
        raise ValueError(f"expected {piece.size} bytes, got {len(body)}")
    if piece.sha256 is not None and hashlib.sha256(body).hexdigest() != piece.sha256:
        raise ValueError(f"expected the SHA-256 {piece.sha256}")
    return body
