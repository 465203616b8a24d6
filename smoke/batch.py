"""One model's golden rows as a file: uploaded, scored, looked at, and removed again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest
from functions.score.s3_results import S3Results
from operations.site import Site
from operations.verification import Status, verify_key
from operations.wording import counted
from smoke.answer import Document
from smoke.errors import SmokeError
from smoke.expectation import Expectation

PAUSE_S = 0.5
# All that a workflow's role may touch in the buckets (cdk/deploy_role.py).
FOLDER = "smoke"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was put into the inbox."""

    key: str
    version: str | None
    rows: int


def drop(site: Site, model: Expectation, columns: Sequence[str]) -> Dropped:
    """Upload the golden rows under a key of their own; `columns` name what arrays hold."""
    rows = [] if model.golden is None else model.golden.instances
    lines = [orjson.dumps(to_object(row, columns)) for row in rows]
    key = f"{model.name}/{FOLDER}/{uuid.uuid4().hex}.jsonl"
    answer = site.s3.put_object(Bucket=site.inbox, Key=key, Body=b"\n".join(lines))
    return Dropped(key, answer.get("VersionId"), len(rows))


def to_object(row: Any, columns: Sequence[str]) -> dict[str, Any]:  # noqa: ANN401 - as golden.json has it
    """Raises SmokeError where `columns` do not name each value."""
    if isinstance(row, dict):
        return row
    values = row if isinstance(row, list) else [row]
    if len(columns) != len(values):
        raise SmokeError(f"expected {counted(len(values), 'feature')}, got {list(columns)}")
    return dict(zip(columns, values, strict=True))


def check_batch(site: Site, model: Expectation, dropped: Dropped, *, within_s: float) -> str:
    """What was found, in a sentence. Raises SmokeError, and then leaves everything where it is."""
    manifest = _wait_for(site, dropped, within_s)
    model.require_identity(manifest.model.version, manifest.model.digest)
    verdict = verify_key(site, None, dropped.key)
    if verdict.status is not Status.VERIFIED:
        raise SmokeError(f"{dropped.key}: expected a whole result, got: {verdict.detail}")
    model.require_golden(_predictions(site, model, manifest))
    _remove(site, dropped, manifest)
    return (
        f"{counted(dropped.rows, 'golden row')} of a file scored; the file and its result removed"
    )


def _wait_for(site: Site, dropped: Dropped, within_s: float) -> Manifest:
    results = S3Results(site.s3, site.results)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        manifest = _manifest(results, dropped.key)
        if manifest is not None:
            return manifest
        time.sleep(PAUSE_S)
    raise SmokeError(
        f"s3://{site.results}/{dropped.key}{SUFFIX}: expected it within {within_s:g} s, found "
        "nothing; the score function's log and the dead letters say why"
    )


def _manifest(results: S3Results, key: str) -> Manifest | None:
    """Raises SmokeError where another release writes them otherwise."""
    try:
        stored = results.read_manifest(key)
    except (KeyError, TypeError, ValueError) as error:
        raise SmokeError(f"{key}{SUFFIX}: expected a manifest, got another document") from error
    return None if stored is None else stored.manifest


def _predictions(site: Site, model: Expectation, manifest: Manifest) -> list[dict[str, Any]]:
    """Of each row, without the prefix that the card may give to added columns."""
    source, prefix = f"the result of {manifest.source.key}", model.card.output_prefix
    rows = [Document(source, line).fields() for line in _body(site, manifest).splitlines()]
    return [{name.removeprefix(prefix): value for name, value in row.items()} for row in rows]


def _body(site: Site, manifest: Manifest) -> bytes:
    return site.s3.get_object(**_place(site, _output_of(manifest)))["Body"].read()


def _output_of(manifest: Manifest) -> Source:
    output = manifest.output
    if output is None:
        raise SmokeError(f"{manifest.source.key}: expected a result, got: {manifest.reason}")
    return Source(output.bucket, output.key, output.version, None)


def _place(site: Site, source: Source) -> Any:  # noqa: ANN401 - boto3's own arguments
    pin = {} if source.version is None else {"VersionId": source.version}
    return {"Bucket": site.results, "Key": source.key, **pin}


def _remove(site: Site, dropped: Dropped, manifest: Manifest) -> None:
    """Each in the version that was looked at; without versions, the object."""
    key = f"{dropped.key}{SUFFIX}"
    version = site.s3.head_object(Bucket=site.results, Key=key).get("VersionId")
    site.s3.delete_object(**_place(site, Source(site.results, key, version, None)))
    site.s3.delete_object(**_place(site, _output_of(manifest)))
    pin: Any = {} if dropped.version is None else {"VersionId": dropped.version}
    site.s3.delete_object(Bucket=site.inbox, Key=dropped.key, **pin)
