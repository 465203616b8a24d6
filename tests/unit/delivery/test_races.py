"""One result, whatever order S3, SQS and crashes put the deliveries of an object in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery import delivery, job_scorer
from delivery.job import Source
from serving.model import Model
from tests.unit.delivery.interleaving import Choose, every_course, run_together
from tests.unit.delivery.world import KEY, World

SHORT = b"X_0,X_1\n1,2\n"
LONG = b"X_0,X_1\n1,2\nx,4\n5,6\n"
BROKEN = b"X_0,X_1\n1,2,3\n"


@pytest.fixture(autouse=True)
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two manifests have the same times, so that a course depends on its choices alone."""
    times = count()
    for module in (delivery, job_scorer):
        monkeypatch.setattr(module, "now", lambda: str(next(times)))


def require_one_result(world: World, model: Model, *, crashes: int) -> None:
    """The newest version's manifest stands, its output is what plain readers get, and no job was
    ever committed twice or after a newer one. Only a crash leaves other outputs: older ones."""
    _, body = world.inbox.current(KEY)
    manifest = world.manifests[-1]
    assert manifest.source == world.announced[-1]
    outputs = world.results.versions(KEY)
    if manifest.output is None:
        assert (scored(body, model), outputs) == (None, {})
    else:
        assert list(outputs.items())[-1] == (manifest.output.version, scored(body, model))
    assert crashes or len(outputs) == (0 if manifest.output is None else 1)
    order = [world.announced.index(manifest.source) for manifest in world.manifests]
    assert all(earlier < later for earlier, later in pairwise(order))


def scored(body: bytes, model: Model) -> bytes | None:
    world = World()
    world.deliver(world.upload(body), model)
    return next(iter(world.results.versions(KEY).values()), None)


def race(
    world: World, sources: Sequence[Source], model: Model, choose: Choose, *, crashes: int
) -> None:
    deliveries = [partial(world.deliver, source, model) for source in sources]
    run_together(deliveries, choose, crashes=crashes)


@pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "unversioned"])
@pytest.mark.parametrize("crashes", [0, 2])
@pytest.mark.parametrize("body", [SHORT, BROKEN], ids=["good", "broken"])
def test_two_deliveries_of_one_object_give_one_result(
    body: bytes, crashes: int, total: Model, *, versioned: bool
) -> None:
    def run(choose: Choose) -> None:
        world = World(versioned=versioned)
        source = world.upload(body)
        race(world, [source, source], total, choose, crashes=crashes)
        world.deliver_again(total)
        require_one_result(world, total, crashes=crashes)

    assert every_course(run) > 10


@pytest.mark.parametrize("crashes", [0, 1])
@pytest.mark.parametrize(
    ("first", "second"),
    [(SHORT, LONG), (SHORT, BROKEN), (BROKEN, SHORT), (SHORT, SHORT)],
    ids=["good and good", "good and broken", "broken and good", "the same bytes again"],
)
def test_the_newer_of_two_versions_wins_in_every_order(
    first: bytes, second: bytes, crashes: int, total: Model
) -> None:
    def run(choose: Choose) -> None:
        world = World()
        sources = [world.upload(first), world.upload(second)]
        race(world, sources, total, choose, crashes=crashes)
        world.deliver_again(total)
        require_one_result(world, total, crashes=crashes)

    assert every_course(run) > 20


@pytest.mark.parametrize("replaced", [SHORT, BROKEN], ids=["good", "broken"])
@pytest.mark.parametrize("body", [LONG, BROKEN], ids=["good", "broken"])
def test_a_crash_at_any_call_leaves_a_replaced_result_whole_or_gone(
    replaced: bytes, body: bytes, total: Model
) -> None:
    def run(choose: Choose) -> None:
        world = World()
        world.deliver(world.upload(replaced), total)
        race(world, [world.upload(body)], total, choose, crashes=1)
        world.deliver_again(total)
        require_one_result(world, total, crashes=1)

    assert every_course(run) >= 4


@settings(deadline=None)
@given(st.data())
def test_three_versions_each_announced_twice_give_one_result(
    total: Model, data: st.DataObject
) -> None:
    world = World()
    bodies = data.draw(st.lists(st.sampled_from([SHORT, LONG, BROKEN]), min_size=3, max_size=3))
    sources = [world.upload(body) for body in bodies]

    race(
        world,
        data.draw(st.permutations(sources * 2)),
        total,
        lambda options: data.draw(st.integers(0, options - 1)),
        crashes=2,
    )
    world.deliver_again(total)

    require_one_result(world, total, crashes=2)
