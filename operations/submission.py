"""Backfill: which files of the inbox still want scoring, and announcing them to their model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from delivery.task import Announcement
from functions.score.s3_results import S3Results
from operations.batch_call import in_batches
from operations.errors import SelectionError
from operations.inbox import InboxFile, files_in
from operations.results import is_same, scored_keys
from operations.site import CONCURRENCY, Site


@dataclass(frozen=True, slots=True)
class Submission:
    """The files to announce, and how many of the others have their result already."""

    files: Sequence[InboxFile]
    succeeded: int = 0
    failed: int = 0

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def model_of(prefix: str) -> str:
    """The model whose files lie under a prefix. Raises SelectionError where it may be several."""
    model, slash, _ = prefix.partition("/")
    if not slash or not model:
        raise SelectionError(f"expected a prefix that begins with <model>/, got {prefix!r}")
    return model


def plan(site: Site, prefix: str, *, rescore: bool) -> Submission:
    """Every current file under the prefix whose version has no manifest yet; with `rescore`, every
    one. Raises SelectionError where there is no file."""
    files = list(files_in(site.s3, site.inbox, prefix))
    if not files:
        raise SelectionError(f"expected files under s3://{site.inbox}/{prefix}, found none")
    if rescore:
        return Submission(files)
    statuses = list(_statuses(site, prefix, files))
    return Submission(
        [file for file, status in zip(files, statuses, strict=True) if status is None],
        succeeded=statuses.count("succeeded"),
        failed=statuses.count("failed"),
    )


def send(
    site: Site, queue_url: str, files: Sequence[InboxFile], *, rescore: bool
) -> list[tuple[InboxFile, str]]:
    """Announce files, each in a message of its own: what is wrong with one stays with it.

    Returns those that the queue did not take, and why.
    """
    call = partial(site.sqs.send_message_batch, QueueUrl=queue_url)
    bodies = [Announcement(file.source, is_rescoring=rescore).to_json() for file in files]
    failed = in_batches(call, [{"MessageBody": body} for body in bodies])
    return [(files[failure.place], failure.reason) for failure in failed]


def _statuses(site: Site, prefix: str, files: Sequence[InboxFile]) -> Iterator[str | None]:
    """What the manifest of each file's version says; None where there is none."""
    scored = frozenset(scored_keys(site.s3, site.results, prefix))
    results = S3Results(site.s3, site.results)

    def status(file: InboxFile) -> str | None:
        stored = results.read_manifest(file.source.key) if file.source.key in scored else None
        if stored is None or not is_same(stored.manifest.source, file.source):
            return None
        return stored.manifest.status

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        yield from pool.map(status, files)
