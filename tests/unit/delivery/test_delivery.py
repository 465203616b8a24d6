from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from delivery.errors import ConflictError, DisagreementError
from delivery.job import Source, job_id
from delivery.manifest import SUFFIX, Output
from delivery.outcome import Outcome
from serving.model import Model
from tests.unit.delivery.memory import Around, etag_of
from tests.unit.delivery.world import KEY, World

ROWS = b"X_0,X_1\n1,2\nx,4\n5,6\n"
SCORED = b'X_0,X_1,total,error\n1,2,3.0,\nx,4,,"X_0: expected a number, got ""x"""\n5,6,11.0,\n'
OTHER_ROWS = b"X_0,X_1\n7,8\n"
OTHER_SCORED = b"X_0,X_1,total,error\n7,8,15.0,\n"
BROKEN = b"X_0,X_1\n1,2\n1,2,3\n"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def unversioned() -> World:
    return World(versioned=False)


def results(world: World) -> dict[str, Any]:
    """Every output version that is there, and what the manifest says of it."""
    manifest = world.manifests[-1] if world.manifests else None
    return {
        "outputs": list(world.results.versions(KEY).values()),
        "status": manifest and manifest.status,
        "source": manifest and manifest.source,
    }


def at(moment: str, happens: object) -> Around:
    """Runs `happens` right before the first call of that name takes effect."""
    events = [happens]

    @contextmanager
    def around(call: str) -> Iterator[None]:
        if call == moment and events:
            event = events.pop()
            assert callable(event)
            event()
        yield

    return around


def test_a_file_becomes_a_scored_file_and_a_manifest(world: World, total: Model) -> None:
    source = world.upload(ROWS)

    outcome, manifest = world.deliver(source, total)

    assert outcome is Outcome.SUCCEEDED
    assert world.results.all_keys() == [KEY, KEY + SUFFIX]
    assert world.results.versions(KEY) == {"results-1": SCORED}
    assert manifest is not None
    document = orjson.loads(manifest.to_json())
    timings = document.pop("timings")
    assert document == {
        "job": job_id(source, total.digest),
        "status": "succeeded",
        "source": {
            "bucket": "inbox",
            "key": KEY,
            "version": "inbox-1",
            "etag": etag_of(ROWS),
        },
        "model": {"name": "example", "version": 1, "digest": total.digest},
        "rows": {"in": 3, "ok": 2, "bad": 1},
        "errors": [{"row": 2, "column": "X_0", "expected": "a number", "got": '"x"'}],
        "reason": None,
        "output": {
            "bucket": "results",
            "key": KEY,
            "version": "results-1",
            "size": len(SCORED),
            "sha256": hashlib.sha256(SCORED).hexdigest(),
            "parts": [],
        },
    }
    assert world.manifests == [manifest]
    started, ended = map(datetime.fromisoformat, (timings["started"], timings["ended"]))
    assert timedelta() <= ended - started < timedelta(minutes=1)
    assert started.utcoffset() == timedelta()


TOO_MANY = """\
expected a good row among 1, got none; the first is row 1: X_0: expected a number, got "x\""""
TAKEN = """\
row 1: expected no member named 'error', which the prediction adds; rename it, or set \
batch.output_prefix in model.toml"""
ENDINGS = """\
expected a key that ends in .csv, .jsonl, .csv.gz, .csv.zst, .jsonl.gz, .jsonl.zst, .parquet, \
.png, .jpg, .jpeg, .webp, .zip, .tar, .tar.gz, .tgz, got"""


@pytest.mark.parametrize(
    ("key", "body", "reason"),
    [
        (KEY, b"X_0\n1\n", "expected the columns X_0, X_1 in the header, got none called X_1"),
        (KEY, b"", "expected a header with the column names, got none"),
        (KEY, b"X_0,X_1\n\xff,1\n", "expected UTF-8 text, got other bytes near byte 8"),
        (KEY, b"X_0,X_1\nx,1\n", TOO_MANY),
        ("example/rows.xls", b"1", f"{ENDINGS} 'example/rows.xls'"),
        ("example/rows", b"1", f"{ENDINGS} 'example/rows'"),
        ("example/rows.jsonl", b'{"error":1}\n', TAKEN),
    ],
)
def test_a_bad_file_gets_a_manifest_that_says_why_and_no_output(
    key: str, body: bytes, reason: str, world: World, total: Model
) -> None:
    outcome, manifest = world.deliver(world.inbox.announce(key, body), total)

    assert outcome is Outcome.FAILED
    assert manifest is not None
    assert (manifest.status, manifest.output, manifest.reason) == ("failed", None, reason)
    assert world.results.all_keys() == [key + SUFFIX]


@pytest.mark.parametrize(
    "key",
    [
        "example/",
        "example/2026/",
        "example/_SUCCESS",
        "example/a/_committed_1",
        "example/.rows.csv.crc",
    ],
)
def test_what_is_no_file_is_ignored(key: str, world: World, total: Model) -> None:
    assert world.deliver(world.inbox.announce(key, b""), total) == (Outcome.IGNORED, None)
    assert world.results.all_keys() == []


@pytest.mark.parametrize(
    "source",
    [
        Source("another-inbox", KEY, None, None),
        Source("results", KEY, None, None),
        Source("inbox", "another/rows.csv", None, None),
        Source("inbox", "example-2/rows.csv", None, None),
        Source("inbox", "rows.csv", None, None),
        Source("inbox", "another/example/_SUCCESS", None, None),
    ],
)
def test_what_is_not_this_models_is_refused(source: Source, world: World, total: Model) -> None:
    world.inbox.put(source.key, ROWS)

    assert world.deliver(source, total) == (Outcome.REFUSED, None)
    assert world.results.all_keys() == []


@pytest.mark.parametrize("body", [ROWS, BROKEN], ids=["good", "broken"])
def test_a_delivery_that_comes_again_changes_nothing(
    body: bytes, world: World, total: Model
) -> None:
    source = world.upload(body)
    world.deliver(source, total)
    before = results(world)

    again = [world.deliver(source, total) for _ in range(3)]

    assert again == [(Outcome.DUPLICATE, world.manifests[-1])] * 3
    assert results(world) == before
    assert len(world.manifests) == 1


def test_a_message_that_does_not_tell_the_version_is_about_the_current_one(
    world: World, total: Model
) -> None:
    source = world.upload(ROWS)

    outcome, _ = world.deliver(replace(source, version=None), total)

    assert outcome is Outcome.SUCCEEDED
    assert results(world) == {"outputs": [SCORED], "status": "succeeded", "source": source}
    assert world.deliver(source, total) == (Outcome.DUPLICATE, world.manifests[-1])


def test_the_same_bytes_uploaded_again_are_another_version(world: World, total: Model) -> None:
    first, second, third = (world.upload(body) for body in [ROWS, OTHER_ROWS, ROWS])

    outcomes = [world.deliver(source, total)[0] for source in [first, third, second, first, third]]

    assert outcomes == ["succeeded", "succeeded", "superseded", "superseded", "duplicate"]
    assert results(world) == {"outputs": [SCORED], "status": "succeeded", "source": third}


def test_a_newer_version_replaces_the_result_and_removes_the_old_output(
    world: World, total: Model
) -> None:
    world.deliver(world.upload(ROWS), total)
    newer = world.upload(OTHER_ROWS)

    outcome, _ = world.deliver(newer, total)

    assert outcome is Outcome.SUCCEEDED
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}


def test_a_newer_version_that_is_broken_leaves_no_output(world: World, total: Model) -> None:
    world.deliver(world.upload(ROWS), total)
    newer = world.upload(BROKEN)

    outcome, _ = world.deliver(newer, total)

    assert outcome is Outcome.FAILED
    assert results(world) == {"outputs": [], "status": "failed", "source": newer}


def test_an_older_version_that_is_done_late_gives_way(world: World, total: Model) -> None:
    older, newer = world.upload(ROWS), world.upload(OTHER_ROWS)
    overtaken = at("write_manifest", lambda: world.deliver(newer, total))

    outcome, _ = world.deliver(older, total, overtaken)

    assert outcome is Outcome.SUPERSEDED
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}
    assert len(world.manifests) == 1


def test_a_newer_version_that_is_overtaken_by_an_older_one_still_wins(
    world: World, total: Model
) -> None:
    older, newer = world.upload(ROWS), world.upload(OTHER_ROWS)
    overtaken = at("write_manifest", lambda: world.deliver(older, total))

    outcome, _ = world.deliver(newer, total, overtaken)

    assert outcome is Outcome.SUCCEEDED
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}


def test_the_loser_of_a_race_for_one_job_removes_its_own_output(world: World, total: Model) -> None:
    source = world.upload(ROWS)
    overtaken = at("write_manifest", lambda: world.deliver(source, total))

    outcome, manifest = world.deliver(source, total, overtaken)

    assert outcome is Outcome.DUPLICATE
    assert manifest is not None
    assert manifest.output is not None
    assert list(world.results.versions(KEY)) == [manifest.output.version]
    assert len(world.manifests) == 1


def test_a_write_whose_answer_is_lost_is_known_again(world: World, total: Model) -> None:
    source = world.upload(ROWS)

    @contextmanager
    def answer_lost(call: str) -> Iterator[None]:
        yield
        if call == "write_manifest":
            raise ConflictError("the SDK sent it again, and met what it wrote itself")

    outcome, manifest = world.deliver(source, total, answer_lost)

    assert outcome is Outcome.SUCCEEDED
    assert world.manifests == [manifest]
    assert results(world) == {"outputs": [SCORED], "status": "succeeded", "source": source}


@pytest.mark.parametrize("call", ["read_manifest", "open", "put", "write_manifest"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_fault_of_storage_is_raised_and_the_next_delivery_mends_it(
    call: str, moment: str, world: World, total: Model
) -> None:
    source = world.upload(ROWS)

    @contextmanager
    def faulty(name: str) -> Iterator[None]:
        if name == call and moment == "before":
            raise OSError("a cable was cut")
        yield
        if name == call:
            raise OSError("a cable was cut")

    with pytest.raises(OSError, match="a cable was cut"):
        world.deliver(source, total, faulty)
    world.deliver(source, total)

    assert list(world.results.versions(KEY).values())[-1] == SCORED
    assert [manifest.source for manifest in world.manifests] == [source]


def test_a_version_that_was_deleted_is_reported(world: World, total: Model) -> None:
    source = world.upload(ROWS)
    world.inbox.remove(KEY, source.version)

    outcome, manifest = world.deliver(source, total)

    assert outcome is Outcome.FAILED
    assert manifest is not None
    assert manifest.source == source
    assert manifest.reason == "the object was deleted before it was scored"
    assert world.results.all_keys() == [KEY + SUFFIX]
    assert world.deliver(source, total) == (Outcome.DUPLICATE, world.manifests[-1])


def test_a_deleted_version_replaces_no_result(world: World, total: Model) -> None:
    older, newer = world.upload(ROWS), world.upload(OTHER_ROWS)
    world.deliver(newer, total)
    world.inbox.remove(KEY)

    outcomes = [world.deliver(source, total) for source in [older, newer]]

    assert outcomes == [(Outcome.SUPERSEDED, None), (Outcome.DUPLICATE, world.manifests[-1])]
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}


def test_a_deleted_version_gives_way_to_a_result_that_is_committed_meanwhile(
    world: World, total: Model
) -> None:
    older, newer = world.upload(ROWS), world.upload(OTHER_ROWS)
    world.inbox.remove(KEY, older.version)

    def newer_is_scored_and_then_deleted() -> None:
        world.deliver(newer, total)
        world.inbox.remove(KEY)

    outcome, _ = world.deliver(older, total, at("write_manifest", newer_is_scored_and_then_deleted))

    assert outcome is Outcome.SUPERSEDED
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}


def test_an_announcement_without_a_version_gives_way_once_its_object_is_gone(
    world: World, total: Model
) -> None:
    announced = replace(world.upload(ROWS), version=None)
    world.inbox.remove(KEY)
    newer = world.upload(OTHER_ROWS)
    world.inbox.remove(KEY)

    def newer_is_scored() -> None:
        world.inbox.restore(KEY, newer, OTHER_ROWS)
        world.deliver(newer, total)

    outcome, _ = world.deliver(announced, total, at("write_manifest", newer_is_scored))

    assert outcome is Outcome.SUPERSEDED
    assert results(world) == {"outputs": [OTHER_SCORED], "status": "succeeded", "source": newer}


def test_an_older_version_counts_again_when_the_newer_one_is_deleted(
    world: World, total: Model
) -> None:
    older, newer = world.upload(ROWS), world.upload(OTHER_ROWS)
    world.deliver(newer, total)
    world.inbox.remove(KEY, newer.version)

    outcome, _ = world.deliver(older, total)

    assert outcome is Outcome.SUCCEEDED
    assert results(world) == {"outputs": [SCORED], "status": "succeeded", "source": older}


def test_an_object_without_versions_is_scored_as_it_was_announced(
    unversioned: World, total: Model
) -> None:
    source = unversioned.upload(ROWS)

    outcome, _ = unversioned.deliver(source, total)

    assert outcome is Outcome.SUCCEEDED
    assert results(unversioned) == {"outputs": [SCORED], "status": "succeeded", "source": source}
    assert unversioned.deliver(source, total) == (Outcome.DUPLICATE, unversioned.manifests[-1])


def test_an_object_without_versions_that_was_overwritten_waits_for_its_own_message(
    unversioned: World, total: Model
) -> None:
    older, newer = unversioned.upload(ROWS), unversioned.upload(OTHER_ROWS)

    outcomes = [unversioned.deliver(source, total)[0] for source in [older, newer, older]]

    assert outcomes == ["superseded", "succeeded", "superseded"]
    assert results(unversioned)["outputs"] == [OTHER_SCORED]


def test_an_object_without_versions_counts_by_its_current_bytes(
    unversioned: World, total: Model
) -> None:
    outcomes = []
    for body in [ROWS, OTHER_ROWS, ROWS]:
        source = unversioned.upload(body)
        outcomes.append(unversioned.deliver(source, total)[0])

    assert outcomes == ["succeeded"] * 3
    assert results(unversioned) == {"outputs": [SCORED], "status": "succeeded", "source": source}


def test_a_deleted_object_without_versions_replaces_no_result(
    unversioned: World, total: Model
) -> None:
    older = unversioned.upload(ROWS)
    newer = unversioned.upload(OTHER_ROWS)
    unversioned.deliver(newer, total)
    unversioned.inbox.remove(KEY)

    assert unversioned.deliver(older, total) == (Outcome.SUPERSEDED, None)
    assert results(unversioned)["outputs"] == [OTHER_SCORED]


def test_an_object_without_versions_that_was_deleted_is_scored_once_it_is_there_again(
    unversioned: World, total: Model
) -> None:
    source = unversioned.upload(ROWS)
    unversioned.inbox.remove(KEY)
    too_late = unversioned.deliver(source, total).outcome
    unversioned.upload(ROWS)

    outcomes = [unversioned.deliver(source, total).outcome for _ in range(2)]

    assert [too_late, *outcomes] == [Outcome.FAILED, Outcome.SUCCEEDED, Outcome.DUPLICATE]
    assert results(unversioned) == {"outputs": [SCORED], "status": "succeeded", "source": source}


def test_without_versions_a_result_that_is_stale_by_its_commit_is_followed_by_that_of_what_is_there(
    unversioned: World, total: Model
) -> None:
    first = unversioned.upload(ROWS)
    unversioned.deliver(first, total)
    other = unversioned.upload(OTHER_ROWS)

    def first_lands_again() -> None:
        again = unversioned.upload(ROWS)
        assert unversioned.deliver(again, total).outcome is Outcome.DUPLICATE

    outcome, manifest = unversioned.deliver(other, total, at("write_manifest", first_lands_again))

    assert (outcome, manifest) == (Outcome.SUCCEEDED, unversioned.manifests[-1])
    assert results(unversioned) == {"outputs": [SCORED], "status": "succeeded", "source": first}


def test_without_versions_a_stale_result_is_also_followed_after_a_crash(
    unversioned: World, total: Model
) -> None:
    first = unversioned.upload(ROWS)
    unversioned.deliver(first, total)
    other = unversioned.upload(OTHER_ROWS)
    unversioned.deliver(other, total)
    unversioned.upload(ROWS)

    assert unversioned.deliver(other, total).outcome is Outcome.SUCCEEDED
    assert results(unversioned) == {"outputs": [SCORED], "status": "succeeded", "source": first}


def test_a_deleted_version_is_told_of_again_under_another_digest(
    world: World, total: Model, retrained: Model
) -> None:
    source = world.upload(ROWS)
    world.inbox.remove(KEY, source.version)
    world.deliver(source, total)

    assert world.deliver(source, retrained) == (Outcome.DUPLICATE, world.manifests[-1])


def test_what_succeeded_is_not_scored_again_under_another_digest(
    world: World, total: Model, retrained: Model
) -> None:
    source = world.upload(ROWS)
    world.deliver(source, total)

    assert world.deliver(source, retrained) == (Outcome.DUPLICATE, world.manifests[-1])
    assert [manifest.model.digest for manifest in world.manifests] == [total.digest]


def test_what_failed_may_succeed_under_another_digest(
    world: World, total: Model, parser: Model
) -> None:
    source = world.upload(b"X_0,X_1\n1,2\n")
    needs_text = replace_name(parser, total.name)
    first, _ = world.deliver(source, needs_text)

    second, _ = world.deliver(source, total)

    assert [first, second] == [Outcome.FAILED, Outcome.SUCCEEDED]
    assert [manifest.model.digest for manifest in world.manifests] == [parser.digest, total.digest]
    assert results(world) == {
        "outputs": [b"X_0,X_1,total,error\n1,2,3.0,\n"],
        "status": "succeeded",
        "source": source,
    }


def replace_name(model: Model, name: str) -> Model:
    renamed = object.__new__(Model)
    renamed.__dict__.update(model.__dict__ | {"name": name})
    return renamed


def test_two_scorings_that_disagree_on_the_rows_are_not_passed_over(
    world: World, total: Model
) -> None:
    source = world.upload(ROWS)

    def another_scoring_commits_other_rows() -> None:
        world.deliver(source, total)
        key = KEY + SUFFIX
        document = json.loads(list(world.results.versions(key).values())[-1])
        document["rows"]["in"] = 4
        world.results.remove(key)
        world.results.put(key, json.dumps(document).encode())

    with pytest.raises(DisagreementError, match="expected 4 rows, as its manifest says, got 3"):
        world.deliver(source, total, at("write_manifest", another_scoring_commits_other_rows))

    assert list(world.results.versions(KEY)) == ["results-2"]


def test_a_manifest_that_somebody_removes_meanwhile_is_written_anew(
    world: World, total: Model
) -> None:
    world.deliver(world.upload(ROWS), total)
    newer = world.upload(OTHER_ROWS)

    outcome, _ = world.deliver(
        newer, total, at("write_manifest", lambda: world.results.remove(KEY + SUFFIX))
    )

    assert outcome is Outcome.SUCCEEDED
    assert [manifest.source for manifest in world.manifests] == [newer]


def test_an_output_that_is_not_ours_is_left_alone(world: World, total: Model) -> None:
    foreign = world.results.put("example/rows.csv.bak", b"somebody's")
    world.deliver(world.upload(ROWS), total)

    world.deliver(world.upload(OTHER_ROWS), total)

    assert world.results.versions("example/rows.csv.bak") == {foreign: b"somebody's"}


def test_a_file_without_rows_succeeds(world: World, total: Model) -> None:
    outcome, manifest = world.deliver(world.upload(b"X_0,X_1\n"), total)

    assert outcome is Outcome.SUCCEEDED
    assert manifest is not None
    assert isinstance(manifest.output, Output)
    assert results(world)["outputs"] == [b"X_0,X_1,total,error\n"]
    assert (manifest.rows.total, manifest.rows.ok, manifest.rows.bad) == (0, 0, 0)
