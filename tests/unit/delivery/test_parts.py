"""Files too large for one go: split, scored in parts, handed on, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.manifest import SUFFIX, Manifest
from delivery.outcome import Outcome
from delivery.task import MAX_HOPS
from formats import text_blocks
from serving.model import Model
from tests.unit.delivery.memory import Around, sha256_of
from tests.unit.delivery.world import KEY, World

ROWS = b"X_0,X_1\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(40)) + b"x,1\n5,6"
BROKEN = ROWS + b"\n1,2,3\n" + b"7,8\n" * 40


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", 16)
        yield


def large(**sizes: int) -> World:
    """A world in which a few bytes are much."""
    return World(**{"split_bytes": 64, "part_bytes": 64, "sent_from_bytes": 64, **sizes})


def in_one_go(body: bytes, model: Model) -> Manifest:
    world = World()
    world.deliver(world.upload(body), model)
    return world.manifests[-1]


def outcome_of(manifest: Manifest) -> object:
    """What must not depend on how a file was split."""
    return manifest.status, manifest.rows, manifest.errors, manifest.reason


def content(world: World) -> bytes | None:
    return world.results.current(KEY)[1] if world.results.versions(KEY) else None


def scored(body: bytes, model: Model) -> bytes | None:
    world = World()
    world.deliver(world.upload(body), model)
    return content(world)


def seconds(*left: float) -> Callable[[], float]:
    """A clock that tells these, and then the last one for ever."""
    told = iter(left)
    return lambda: next(told, left[-1])


@pytest.mark.parametrize("body", [ROWS, BROKEN, b"X_0,X_1\n" + b"x,1\n" * 50], ids=str)
def test_a_large_file_ends_as_it_would_in_one_go(body: bytes, total: Model) -> None:
    world = large()

    first, _ = world.deliver(world.upload(body), total)
    sent = len(world.tasks)
    rest = [outcome for outcome, _ in world.deliver_all(total)]

    assert (first, sent > 3) == (Outcome.SPLIT, True)
    assert rest[:-1] == [Outcome.AWAITED] * (sent - 1)
    [manifest] = world.manifests
    assert outcome_of(manifest) == outcome_of(in_one_go(body, total))
    assert content(world) == scored(body, total)
    assert world.results.all_keys() == [*([KEY] if manifest.output else []), KEY + SUFFIX]


def test_a_manifest_tells_the_slices_of_an_output_that_was_put_together(total: Model) -> None:
    world = large()
    world.deliver(world.upload(ROWS), total)
    world.deliver_all(total)

    output = world.manifests[-1].output
    assert output is not None
    assert (output.sha256, output.size) == (None, len(scored(ROWS, total) or b""))
    rest = content(world) or b""
    for part in output.parts:
        assert (part.key, part.version) == (None, None)
        assert part.sha256 == sha256_of(rest[: part.size])
        rest = rest[part.size :]
    assert rest == b""


def test_a_split_job_was_started_when_its_file_was(total: Model) -> None:
    world = large()
    world.deliver(world.upload(ROWS), total)
    [started] = {task.started for task in world.tasks}
    world.deliver_all(total)

    assert world.manifests[-1].timings.started == started


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_tasks_in_any_order_and_any_number_of_times_give_one_result(
    total: Model, data: st.DataObject
) -> None:
    body = data.draw(st.sampled_from([ROWS, BROKEN]))
    world = large(part_bytes=data.draw(st.integers(16, 200)))
    world.deliver(world.upload(body), total)
    repeated = data.draw(st.lists(st.sampled_from(world.tasks), max_size=4))
    for task in data.draw(st.permutations([*world.tasks, *repeated])):
        world.deliver(task, total)

    [manifest] = world.manifests
    assert outcome_of(manifest) == outcome_of(in_one_go(body, total))
    assert content(world) == scored(body, total)


@pytest.mark.parametrize("body", [ROWS, BROKEN], ids=["good", "broken"])
def test_work_is_handed_on_when_the_deadline_nears(body: bytes, total: Model) -> None:
    world = World(sent_from_bytes=64)
    hurried = seconds(900, 0.1)

    first, _ = world.deliver(world.upload(body), total, left_s=hurried)
    runs = 0
    while world.tasks:
        world.deliver(world.tasks.pop(0), total, left_s=seconds(900, 0.1))
        runs += 1

    assert (first, runs > 5) == (Outcome.CONTINUED, True)
    [manifest] = world.manifests
    assert outcome_of(manifest) == outcome_of(in_one_go(body, total))
    assert content(world) == scored(body, total)
    assert world.results.all_keys() == [*([KEY] if manifest.output else []), KEY + SUFFIX]


def test_no_row_is_scored_twice_where_work_is_handed_on(total: Model) -> None:
    world = World(sent_from_bytes=64)
    world.deliver(world.upload(ROWS), total, left_s=seconds(900, 0.1))
    starts = []
    while world.tasks:
        starts.append(world.tasks[0].span.start)
        world.deliver(world.tasks.pop(0), total, left_s=seconds(900, 0.1))

    assert starts == sorted(set(starts))
    [manifest] = world.manifests
    assert manifest.rows.total == 42


def test_work_that_is_handed_on_for_ever_is_given_up(total: Model) -> None:
    world = World(sent_from_bytes=64)
    world.deliver(world.upload(ROWS), total, left_s=seconds(900, 0.1))
    [task] = world.tasks
    world.tasks.clear()

    tired = replace(task, hops=MAX_HOPS)
    outcome, manifest = world.deliver(tired, total, left_s=seconds(900, 0.1))

    assert outcome is Outcome.FAILED
    assert manifest is not None
    assert str(manifest.reason).startswith("expected to be done within 1000 runs of the function")


def crash_before(call: str, *, after: int) -> Around:
    calls = count()

    @contextmanager
    def around(name: str) -> Iterator[None]:
        if name == call and next(calls) == after:
            raise OSError("the process is gone")
        yield

    return around


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize(
    "call",
    [
        "read_manifest",
        "open",
        "send",
        "mark_split",
        "read_part",
        "finish_part",
        "commit_part",
        "count",
        "join",
        "write_manifest",
        "remove",
    ],
)
def test_a_crash_at_any_call_is_mended_by_the_messages_that_come_again(
    call: str, after: int, total: Model
) -> None:
    world = large()
    crash = crash_before(call, after=after)
    waiting: list[object] = [world.upload(ROWS)]
    while waiting:
        work = waiting.pop(0)
        try:
            world.deliver(work, total, crash)  # type: ignore[arg-type]
        except OSError:
            waiting.append(work)
        waiting += world.tasks
        world.tasks.clear()

    [manifest] = world.manifests
    assert outcome_of(manifest) == outcome_of(in_one_go(ROWS, total))
    assert content(world) == scored(ROWS, total)


def test_a_job_begins_again_once_when_the_model_has_changed(total: Model, retrained: Model) -> None:
    world = large()
    world.deliver(world.upload(ROWS), total)
    tasks = [*world.tasks]
    world.tasks.clear()
    world.deliver(tasks.pop(0), total)

    again = [world.deliver(task, retrained).outcome for task in tasks]
    sent = len(world.tasks)
    world.deliver_all(retrained)

    assert again == [Outcome.SPLIT, *[Outcome.DUPLICATE] * (len(tasks) - 1)]
    assert sent == len(tasks) + 1
    [manifest] = world.manifests
    assert manifest.model.digest == retrained.digest
    assert content(world) == scored(ROWS, retrained)
    assert world.results.all_keys() == [KEY, KEY + SUFFIX]


def test_the_parts_of_a_version_that_was_overtaken_are_removed(total: Model) -> None:
    world = large()
    older = world.upload(ROWS)
    world.deliver(older, total)
    tasks = [*world.tasks]
    world.tasks.clear()
    world.deliver(tasks.pop(0), total)
    newer = world.upload(b"X_0,X_1\n7,8\n")
    world.deliver(newer, total)

    outcomes = {world.deliver(task, total).outcome for task in tasks}

    assert outcomes == {Outcome.SUPERSEDED}
    assert [manifest.source for manifest in world.manifests] == [newer]
    assert world.results.all_keys() == [KEY, KEY + SUFFIX]


def test_the_parts_of_who_was_slow_are_removed_where_another_wrote_the_file_whole(
    total: Model,
) -> None:
    world = World(part_bytes=64, sent_from_bytes=64)
    source = world.upload(ROWS)
    world.deliver(source, total, left_s=seconds(900, 0))
    world.sent_from_bytes, world.part_bytes = 1_000_000, 1_000_000
    world.deliver(source, total)

    outcomes = [outcome for outcome, _ in world.deliver_all(total)]

    assert outcomes == [Outcome.DUPLICATE]
    assert world.results.all_keys() == [KEY, KEY + SUFFIX]


def test_what_succeeded_is_scored_again_where_somebody_asks(total: Model, retrained: Model) -> None:
    world = World()
    source = world.upload(ROWS)
    world.deliver(source, total)

    asked = [world.rescore(source, retrained).outcome for _ in range(2)]
    unasked = world.deliver(source, total).outcome

    assert asked == [Outcome.SUCCEEDED, Outcome.DUPLICATE]
    assert unasked is Outcome.DUPLICATE
    digests = [manifest.model.digest for manifest in world.manifests]
    assert digests == [total.digest, retrained.digest]
    assert list(world.results.versions(KEY).values()) == [scored(ROWS, retrained)]


def test_a_delivery_that_comes_again_does_not_disturb_who_scores_again(
    total: Model, retrained: Model
) -> None:
    world = large()
    source = world.upload(ROWS)
    world.deliver(source, total)
    world.deliver_all(total)
    world.rescore(source, retrained)
    tasks = [*world.tasks]
    for task in tasks:
        world.deliver(source, retrained)
        world.deliver(task, retrained)

    assert [manifest.model.digest for manifest in world.manifests] == [
        total.digest,
        retrained.digest,
    ]
    assert content(world) == scored(ROWS, retrained)
