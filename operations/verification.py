"""Verification: whether a key's result is whole, and the result of what is in the inbox now."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import orjson
from botocore.exceptions import ClientError

from delivery.errors import SourceGoneError
from delivery.job import Source
from delivery.manifest import Manifest
from functions.score.s3_inbox import S3Inbox
from functions.score.s3_results import S3Results
from operations.errors import BrokenOutputError, SelectionError
from operations.inbox import files_in
from operations.output_check import check_output
from operations.results import is_same, scored_keys
from operations.scoring_queue import announced
from operations.site import Site
from operations.wording import counted

# Files that are read side by side: hashing leaves the interpreter to others.
READERS = 4


class Status(StrEnum):
    """What can be said of a key's result."""

    VERIFIED = "verified"
    FAILED = "failed"  # a bad file: its manifest says why
    BROKEN = "broken"  # the output is not what its manifest says
    OUTDATED = "outdated"  # whole, but a newer version of the file is not scored yet
    UNSCORED = "unscored"  # no manifest yet


@dataclass(frozen=True, slots=True)
class Verdict:
    key: str
    status: Status
    detail: str
    manifest: Manifest | None = None

    def document(self) -> dict[str, Any]:
        manifest = None if self.manifest is None else orjson.loads(self.manifest.to_json())
        return {
            "key": self.key,
            "status": self.status,
            "detail": self.detail,
            "manifest": manifest,
        }

    def text(self) -> str:
        return f"{self.status:9} {self.key}  {self.detail}"


def verify(site: Site, name: str) -> Iterator[Verdict]:
    """A verdict for a key, or for each key with this prefix, in their order. Raises SelectionError
    where there is none."""
    keys = {file.source.key for file in files_in(site.s3, site.inbox, name)}
    keys.update(scored_keys(site.s3, site.results, name))
    if not keys:
        raise SelectionError(
            f"expected {name!r} in s3://{site.inbox} or its manifest in s3://{site.results}, found "
            "neither"
        )
    chosen = [name] if name in keys else sorted(keys)
    prefixes = _models_prefixes(site)
    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(partial(verify_key, site, prefixes), chosen)


def verify_key(site: Site, prefixes: Collection[str] | None, key: str) -> Verdict:
    results = S3Results(site.s3, site.results)
    stored = results.read_manifest(key)
    while stored is not None:
        verdict = _verdict(site, stored.manifest)
        # A result that was replaced meanwhile is not a broken one.
        now = results.read_manifest(key) if verdict.status is Status.BROKEN else stored
        if now is not None and now.tag == stored.tag:
            return verdict
        stored = now
    return Verdict(key, Status.UNSCORED, _unscored(key, prefixes))


def _models_prefixes(site: Site) -> Collection[str] | None:
    """Whose keys are scored; None for who may read results, but not the inbox's configuration."""
    try:
        return announced(site)
    except ClientError:
        return None


def _unscored(key: str, prefixes: Collection[str] | None) -> str:
    prefix = key[: key.find("/") + 1]
    if prefixes is None:
        return f"in the inbox, and not scored yet; nor will it be unless {prefix!r} is a model's"
    if prefix in prefixes:
        return "in the inbox, and not scored yet"
    models = ", ".join(sorted(prefixes)) or "none"
    return f"in the inbox, but below no model's name: expected one of {models}"


def _verdict(site: Site, manifest: Manifest) -> Verdict:
    key = manifest.source.key
    try:
        found = _found(site, manifest)
    except BrokenOutputError as error:
        return Verdict(key, Status.BROKEN, str(error), manifest)
    # Asked after the manifest was read, so that it cannot be older than that.
    current = _current(site, key)
    if current is not None and not is_same(manifest.source, current):
        detail = f"{found}; version {_named(current)} is in the inbox, and not scored yet"
        return Verdict(key, Status.OUTDATED, detail, manifest)
    deleted = "; since deleted from the inbox" if current is None else ""
    status = Status.VERIFIED if manifest.status == "succeeded" else Status.FAILED
    return Verdict(key, status, found + deleted, manifest)


def _current(site: Site, key: str) -> Source | None:
    """The version that is in the inbox; None where the file was deleted."""
    try:
        return S3Inbox(site.s3, site.inbox).open(Source(site.inbox, key, None, None)).source
    except SourceGoneError:
        return None


def _found(site: Site, manifest: Manifest) -> str:
    about = f"version {_named(manifest.source)}"
    if manifest.output is None:
        return f"{manifest.reason}; {about}"
    check_output(site.s3, manifest, manifest.output)
    rows = manifest.rows
    return f"{counted(rows.total, 'row')}, {rows.bad:,} bad; {about}"


def _named(source: Source) -> str:
    return source.version or f"with etag {source.etag}"
