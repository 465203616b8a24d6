"""Without any one of its guards, the score function goes wrong, and the simulator sees it.

Three have no test. That the manifest is written last cannot be taken away: it names a VersionId
that there is only once the output is written. That parts are counted before they are followed saves
reads; what keeps an unfinished job from being put together is that its parts must follow each other
to the end. And that a part is written once, under one condition, decides between results that are
all right: each of them names the version of its own data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from typing import Any, Protocol
from unittest.mock import patch

import pytest

from chaos import simulation
from chaos.laboratory import INBOX, Laboratory
from chaos.run import run
from delivery import delivery, job_scorer, notification
from delivery.block_run import BlockRun
from delivery.deadline import Deadline
from delivery.delivery import Delivery
from delivery.errors import ConflictError
from delivery.job import job_id
from delivery.manifest import Manifest
from delivery.outcome import Settlement
from delivery.part import Part
from delivery.precedence import Precedence
from delivery.task import Task
from formats import format as file_format
from formats.row_file import Span
from functions.score import s3_results
from functions.score.event_bus import EventBus, PublishError
from functions.score.s3_inbox import S3Inbox
from functions.score.s3_parts import S3Parts
from functions.score.s3_results import S3Results
from functions.score.s3_upload import S3Upload
from functions.score.task_queue import SendError, TaskQueue
from tests.chaos.removal import Removal, always, changed, deaf, never, unpinned, unsent

# How far to look for a run that is struck, once the one that is known no longer is.
SEEDS = 300


class TurnsRed(Protocol):
    def __call__(self, known: int, *removals: Removal) -> bool: ...


@pytest.fixture
def turns_red(opened: Laboratory) -> TurnsRed:
    """Whether a run goes wrong without a guard, and only without it. `known`: the seed of one."""

    def turns_red(known: int, *removals: Removal) -> bool:
        def is_struck(seed: int) -> bool:
            with ExitStack() as unguarded:
                for removal in removals:
                    unguarded.enter_context(removal)
                violations = run(seed, opened).violations
            return bool(violations) and not run(seed, opened).violations

        return any(map(is_struck, chain([known], range(SEEDS))))

    return turns_red


def test_the_first_manifest_replaces_none(turns_red: TurnsRed) -> None:
    assert turns_red(2, unsent("PutObject S3Results.write_manifest", "if-none-match"))


def test_a_manifest_replaces_only_the_one_that_was_read(turns_red: TurnsRed) -> None:
    assert turns_red(34, unsent("PutObject S3Results.write_manifest", "if-match"))


def test_all_bytes_are_of_the_announced_version(turns_red: TurnsRed) -> None:
    assert turns_red(4, changed("GetObject S3Object._chunks", unpinned))


def test_without_versions_all_bytes_have_the_announced_etag(turns_red: TurnsRed) -> None:
    assert turns_red(976, unsent("GetObject S3Object._chunks", "if-match"))


def test_a_manifest_whose_reply_was_lost_is_known_again(turns_red: TurnsRed) -> None:
    assert turns_red(109, patch.object(Manifest, "__eq__", never))


def test_a_part_whose_reply_was_lost_is_known_again(turns_red: TurnsRed) -> None:
    assert turns_red(4, patch.object(Part, "__eq__", never))


def test_who_meets_anothers_manifest_has_lost(turns_red: TurnsRed) -> None:
    assert turns_red(12, deaf(S3Results, "write_manifest", ConflictError))


def test_who_meets_anothers_part_has_lost(turns_red: TurnsRed) -> None:
    assert turns_red(671, deaf(S3Parts, "commit", ConflictError))


def test_no_older_version_replaces_a_newer_one(turns_red: TurnsRed) -> None:
    assert turns_red(3, patch.object(S3Inbox, "is_later", always))


def test_without_versions_no_overwritten_bytes_replace_newer_ones(turns_red: TurnsRed) -> None:
    assert turns_red(1764, patch.object(Delivery, "_is_overwritten", never))


def test_another_bucket_is_refused(turns_red: TurnsRed) -> None:
    source_of = notification._source

    def of_our_inbox(entity: Any) -> object:  # noqa: ANN401 - as in notification
        return replace(source_of(entity), bucket=INBOX)

    assert turns_red(39, patch.object(notification, "_source", of_our_inbox))


def test_another_models_key_is_refused(turns_red: TurnsRed) -> None:
    assert turns_red(10, patch.object(Delivery, "_is_ours", always))


def test_markers_are_no_files(turns_red: TurnsRed) -> None:
    assert turns_red(22, patch.object(delivery, "is_marker", never))


@pytest.mark.parametrize(("file", "known"), [("CsvFile", 19), ("JsonLinesFile", 13)])
def test_spans_are_cut_between_two_records(turns_red: TurnsRed, file: str, known: int) -> None:
    of_text = getattr(file_format, file)
    spans_of = of_text.spans

    def at_any_byte(self: object, size_bytes: int) -> Iterator[Span]:
        starts = [size_bytes * number for number, _ in enumerate(spans_of(self, size_bytes))]
        return (Span(*each) for each in zip(starts, [*starts[1:], None], strict=True))

    assert turns_red(known, patch.object(of_text, "spans", at_any_byte))


def test_parts_are_put_together_once_they_follow_each_other_to_the_end(
    turns_red: TurnsRed,
) -> None:
    def up_to_the_first_gap(read: Callable[[int], Part | None]) -> list[Part]:
        parts: list[Part] = []
        while (part := read(parts[-1].stop if parts else 0)) and not part.is_last:
            parts.append(part)
        return [*parts, part] if part else parts

    assert turns_red(88, patch.object(job_scorer, "whole", up_to_the_first_gap))


def test_a_task_of_another_digest_begins_the_job_again(turns_red: TurnsRed) -> None:
    def go_on(self: Delivery, opened: Any, claim: Any, work: Any, deadline: Deadline) -> object:  # noqa: ANN401 - as in Delivery
        return self._scorer.score(opened, claim, work, deadline)

    assert turns_red(1193, patch.object(Delivery, "_score", go_on))


def test_parts_of_two_digests_are_never_mixed(turns_red: TurnsRed) -> None:
    def under_any_digest(source: Any, _: str) -> str:  # noqa: ANN401 - as in job
        return job_id(source, "")

    assert turns_red(73, patch.object(delivery, "job_id", under_any_digest))


def test_an_event_that_was_not_taken_is_sent_again(turns_red: TurnsRed) -> None:
    assert turns_red(135, deaf(EventBus, "completed", PublishError))


def test_a_redelivery_tells_of_the_result_again(turns_red: TurnsRed) -> None:
    settlement_of = Delivery._settlement

    def silent(*arguments: Any) -> Settlement | None:  # noqa: ANN401 - as in Delivery
        settlement = settlement_of(*arguments)
        return settlement and Settlement(settlement.outcome)

    assert turns_red(6, patch.object(Delivery, "_settlement", silent))


def test_tasks_that_were_not_taken_are_sent_again(turns_red: TurnsRed) -> None:
    assert turns_red(440, deaf(TaskQueue, "send", SendError))


def test_outputs_that_lost_are_removed(turns_red: TurnsRed) -> None:
    assert turns_red(3, patch.object(S3Results, "discard", never))


def test_parts_that_are_no_longer_needed_are_removed(turns_red: TurnsRed) -> None:
    assert turns_red(7, patch.object(S3Parts, "remove", never))


def test_uploads_that_come_to_nothing_are_given_up(turns_red: TurnsRed) -> None:
    assert turns_red(103, patch.object(S3Upload, "abort", never))


def test_work_stops_before_the_deadline(turns_red: TurnsRed) -> None:
    assert turns_red(67, patch.object(Deadline, "allows", always))


def test_a_run_without_any_time_still_gets_on_by_a_block(
    turns_red: TurnsRed, opened: Laboratory
) -> None:
    in_a_hurry = patch.object(Deadline, "allows", never)
    with in_a_hurry:
        intact = [run(seed, opened).violations for seed in range(5)]

    assert intact == [()] * 5
    assert turns_red(0, in_a_hurry, patch.object(BlockRun, "_may_go_on", never))


def test_work_is_not_handed_on_forever(turns_red: TurnsRed) -> None:
    idle = [patch.object(Deadline, "allows", never), patch.object(BlockRun, "_may_go_on", never)]
    impatient = patch.object(simulation, "MAXIMUM_MOVES", 2000)

    assert turns_red(0, *idle, impatient, patch.object(job_scorer, "MAX_HOPS", 1_000_000))


def test_what_succeeded_is_not_scored_again_unless_somebody_asks(turns_red: TurnsRed) -> None:
    rescoring = Precedence._settles_rescoring
    assert turns_red(25, patch.object(Precedence, "_settles_scoring", rescoring))


def test_the_tasks_of_a_rescoring_are_rescoring(turns_red: TurnsRed) -> None:
    task_of = Task.from_document

    def forgetful(document: Any) -> Task:  # noqa: ANN401 - as in Task
        return task_of({**document, "rescore": False})

    assert turns_red(1909, patch.object(Task, "from_document", forgetful))


def test_the_result_that_stands_turns_no_rescoring_away(turns_red: TurnsRed) -> None:
    claim_of = s3_results._claim_of

    def forgetful(key: str, metadata: Any) -> object:  # noqa: ANN401 - as in S3Results
        claim = claim_of(key, metadata)
        return claim and replace(claim, is_rescoring=False)

    assert turns_red(100, patch.object(s3_results, "_claim_of", forgetful))
