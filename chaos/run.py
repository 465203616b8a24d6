"""A run: everything that follows from one seed."""

from __future__ import annotations

import random as shared_random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from random import Random

from chaos.cloud import Cloud, new_cloud
from chaos.event_source import Chances, EventSource
from chaos.fault import Calm, Fault, Plan, Storm, Strikes, Target
from chaos.laboratory import VERSIONS, Laboratory
from chaos.ledger import Ledger
from chaos.leftovers import Leftovers, leftovers_of
from chaos.network import Network
from chaos.simulation import EndlessError, Pace, Simulation
from chaos.story import Story
from chaos.users import Users
from chaos.verdict import misleading, violations

# Operations that few runs reach, beside those that all do; the more often, the likelier.
OPERATIONS = [
    None,
    None,
    None,
    "AbortMultipartUpload",
    "ChangeMessageVisibility",
    "CompleteMultipartUpload",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjects",
    "GetObject",
    "HeadObject",
    "ListObjectVersions",
    "ListObjectsV2",
    "PutEvents",
    "PutObject",
    "PutObject",
    "PutObject",
    "SendMessageBatch",
    "SendMessageBatch",
    "UploadPart",
    "UploadPartCopy",
]
# Inboxes without versions have fewer guards, and need more luck to be struck.
VERSIONED_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Report:
    seed: int
    violations: tuple[str, ...]
    calls: Counter[str]
    faults: Counter[tuple[str, Fault]]
    possible: Mapping[str, frozenset[Fault]]
    dead_letters: int
    leftovers: Leftovers
    story: tuple[str, ...] = field(repr=False)


def run(seed: int, laboratory: Laboratory, *, is_told: bool = False) -> Report:
    # The SDK jitters its retries with the module's own generator.
    shared_random.seed(seed)
    return Run(seed, laboratory, is_told=is_told).report()


class Run:
    def __init__(self, seed: int, laboratory: Laboratory, *, is_told: bool) -> None:
        self._seed = seed
        random = Random(seed)
        laboratory.clock.reset()
        for environment in chain.from_iterable(laboratory.environments.values()):
            environment.refill()
        self._random = random
        self._story = Story(laboratory.clock, is_told=is_told)
        self._cloud = new_cloud(
            laboratory.clock, random, versioned_inbox=random.random() < VERSIONED_SHARE
        )
        self._ledger = Ledger()
        self._users = Users(self._cloud, self._ledger)
        self._network = Network(self._cloud, _plan(random), self._story.call)
        self._simulation = Simulation(
            cloud=self._cloud,
            users=self._users,
            network=self._network,
            source=_source(self._cloud, laboratory),
            pace=Pace.draw(random),
            story=self._story,
        )
        laboratory.world = self._simulation
        self._dead_letters = 0

    def report(self) -> Report:
        return Report(
            seed=self._seed,
            violations=tuple(self._violations()),
            calls=self._story.calls,
            faults=self._story.faults,
            possible=self._story.possible,
            dead_letters=self._dead_letters,
            leftovers=leftovers_of(self._cloud),
            story=tuple(self._story.lines),
        )

    def _violations(self) -> Iterator[str]:
        try:
            yield from self._under_faults()
            yield from self._afterwards()
        except EndlessError as error:
            yield str(error)

    def _under_faults(self) -> Iterator[str]:
        self._simulation.run()
        self._story.say("quiet")
        self._dead_letters = len(self._cloud.queue.dead_letters)
        is_storm = isinstance(self._network.plan, Storm)
        yield from violations(self._cloud, self._ledger, may_be_dead=is_storm)
        if self._story.is_calm:
            yield from self._untidy()

    def _afterwards(self) -> Iterator[str]:
        """Dead letters are sent again, and everything is announced once more."""
        self._network.plan = Calm()
        self._cloud.queue.redrive()
        is_announced = self._random.random() < 1 / 3
        if is_announced:
            self._users.announce_again()
        self._simulation.run()
        self._story.say("quiet again")
        for sentence in violations(self._cloud, self._ledger, may_be_dead=False):
            yield f"afterwards: {sentence}"
        # Without versions, nobody can tell whether an output of what is gone was the newer one.
        if is_announced and self._cloud.inbox.versioned:
            yield from misleading(self._cloud, self._ledger)

    def _untidy(self) -> Iterator[str]:
        """Where nothing went wrong, nothing is left behind; but for the parts of what was
        overwritten, or of a model that was replaced, half way: a lifecycle rule removes those."""
        yield from misleading(self._cloud, self._ledger)
        left = leftovers_of(self._cloud)
        is_redeployed = self._cloud.deployment.version != VERSIONS[0]
        if is_redeployed or any(upload.is_overwritten for upload in self._ledger):
            left = replace(left, parts=0, outputs=0)
        if left:
            yield f"left behind: {left}: {', '.join(k for k, _ in self._cloud.results.versions())}"


def _plan(random: Random) -> Plan:
    """Mostly one fault or two, sometimes none or many."""
    count = random.choices([0, 1, 2, None], [2, 8, 8, 3])[0]
    if count is None:
        return Storm(random.choice([0.05, 0.15, 0.3]), random)
    if not count:
        return Calm()
    return Strikes([_target(random) for _ in range(count)], random)


def _target(random: Random) -> Target:
    operation = random.choice(OPERATIONS)
    return Target(random.randrange(5 if operation else 24), operation)


def _source(cloud: Cloud, laboratory: Laboratory) -> EventSource:
    random = cloud.random
    return EventSource(
        cloud,
        laboratory.environments,
        batch_size=random.choices([1, 3], [3, 1])[0],
        chances=Chances(twice=random.choice([0, 0.1]), undeleted=random.choice([0, 0.1])),
    )
