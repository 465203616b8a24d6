"""The verdict on a run: what the results must say of everything that was uploaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

import orjson

from chaos.cloud import Cloud
from chaos.content import Content
from chaos.ledger import Ledger, Upload
from chaos.message_queue import Message
from chaos.s3_error import S3Error
from chaos.scored_rows import ScoredRow, scored_rows
from delivery.manifest import SUFFIX, Manifest, Output, OutputPart, RowCounts

PARTS = ".parts/"
GONE = "the object was deleted before it was scored"


def violations(cloud: Cloud, ledger: Ledger, *, may_be_dead: bool) -> Iterator[str]:
    """All that is wrong, in words, once nothing is left to do.

    `may_be_dead`: what lies among the dead letters need not be settled.
    """
    letters = cloud.queue.dead_letters if may_be_dead else []
    unsettled = {id(upload) for letter in letters for upload in about(letter, ledger)}
    for key, uploads in ledger.uploads.items():
        manifests = manifests_of(cloud, key)
        required = [upload for upload in uploads if id(upload) not in unsettled]
        for sentence in _of_key(cloud, uploads, required, manifests):
            yield f"{key}: {sentence}"
    for key, _ in cloud.results.objects():
        if key.endswith(SUFFIX) and key.removesuffix(SUFFIX) not in ledger.uploads:
            yield f"{key}: a manifest of what was never uploaded"


def manifests_of(cloud: Cloud, key: str) -> list[Manifest]:
    """All that were ever committed, in their order."""
    versions = [v for k, v in cloud.results.versions(key + SUFFIX) if k == key + SUFFIX]
    contents = [version.content for version in reversed(versions)]
    return [Manifest.from_json(content.read()) for content in contents if content is not None]


def about(letter: Message, ledger: Ledger) -> list[Upload]:
    """What a dead letter announces."""
    body = orjson.loads(letter.body)
    if "task" in body:
        source = body["task"]["source"]
        told = [(source["key"], source["version"], source["etag"])]
    else:
        entities = [record["s3"]["object"] for record in body.get("Records", [])]
        told = [(unquote_plus(e["key"]), e.get("versionId"), e.get("eTag")) for e in entities]
    return [
        upload
        for key, version, etag in told
        for upload in ledger.uploads.get(key, [])
        if upload.is_source(version, etag)
    ]


def _of_key(
    cloud: Cloud,
    uploads: Sequence[Upload],
    required: Sequence[Upload],
    manifests: Sequence[Manifest],
) -> Iterator[str]:
    yield from _history(uploads, manifests)
    if not manifests:
        if any(not upload.is_overwritten for upload in required):
            yield "no manifest"
        return
    current = manifests[-1]
    sources = [u for u in uploads if u.is_source(current.source.version, current.source.etag)]
    if not sources:
        return
    yield from _stale(uploads, required, sources[-1])
    yield from _wrong(cloud, sources[-1], current)
    asked = sources[-1].rescored_under
    if asked is not None and sources[-1] in required and current.model.version < asked:
        yield f"not scored again under version {asked}"
    # What died between the commit and the event tells of it once it is sent again.
    is_due = sources[-1] in required
    if is_due and not any(_tells(detail, current) for detail in cloud.bus.details):
        yield f"no completion event for job {current.job}"


def _tells(detail: object, manifest: Manifest) -> bool:
    return (
        isinstance(detail, dict)
        and detail["job"] == manifest.job
        and detail["status"] == manifest.status
    )


def _history(uploads: Sequence[Upload], manifests: Sequence[Manifest]) -> Iterator[str]:
    """Each manifest is of an upload, never of one before that of the manifest before."""
    reached = 0
    statuses: dict[str, str] = {}
    for manifest in manifests:
        source = manifest.source
        numbers = [n for n, u in enumerate(uploads) if u.is_source(source.version, source.etag)]
        if not numbers:
            yield f"a manifest of version {source.version}, which was never uploaded"
            continue
        number = next((n for n in numbers if n >= reached), numbers[-1])
        if number < reached and not uploads[reached].is_removed:
            yield f"upload {number + 1} was committed after upload {reached + 1}"
        reached = number
        if statuses.setdefault(manifest.job, manifest.status) != manifest.status:
            yield f"job {manifest.job}: both succeeded and failed"


def _stale(uploads: Sequence[Upload], required: Sequence[Upload], current: Upload) -> Iterator[str]:
    newest = [upload for upload in required if not upload.is_removed]
    if newest and uploads.index(current) < uploads.index(newest[-1]):
        yield f"upload {uploads.index(newest[-1]) + 1} is not settled"


def _wrong(cloud: Cloud, upload: Upload, manifest: Manifest) -> Iterator[str]:
    """How a manifest differs from what must become of an upload."""
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
    yield from _wrong_output(cloud, upload, manifest.output, manifest.model.version)


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
