"""A world of one key: the object in an inbox, its results, and deliveries between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from delivery.deadline import Deadline
from delivery.delivery import Delivery
from delivery.job import Source
from delivery.job_scorer import JobScorer
from delivery.manifest import SUFFIX, Manifest
from delivery.notification import Work
from delivery.outcome import Settlement
from delivery.span_scorer import Workers
from delivery.task import Announcement, Task
from serving.model import Model
from tests.unit.delivery.memory import (
    Around,
    Bucket,
    MemoryInbox,
    MemoryParts,
    MemoryResults,
    MemoryTasks,
    OnThisThread,
    undisturbed,
)

KEY = "example/rows.csv"
# How many seconds are left, at each time that it is asked.
Clock = Callable[[], float] | None


@dataclass
class World:
    """Everything that was announced, in the order of its versions."""

    versioned: bool = True
    split_bytes: int = 1_000_000
    part_bytes: int = 1_000_000
    sent_from_bytes: int = 1_000_000
    announced: list[Source] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox = Bucket("inbox", versioned=self.versioned)
        self.results = Bucket("results")

    def upload(self, body: bytes) -> Source:
        source = self.inbox.announce(KEY, body)
        self.announced.append(source)
        return source

    def deliver(
        self, work: Source | Work, model: Model, around: Around = undisturbed, left_s: Clock = None
    ) -> Settlement:
        """One delivery of one message; what it hands on waits in `tasks`."""
        results = MemoryResults(self.results, around)
        parts = MemoryParts(self.results, around, sent_from_bytes=self.sent_from_bytes)
        tasks = MemoryTasks(around)
        tasks.sent = self.tasks
        scorer = JobScorer(
            model,
            results=results,
            parts=parts,
            tasks=tasks,
            workers=Workers(
                OnThisThread(),
                threads=1,
                split_bytes=self.split_bytes,
                part_bytes=self.part_bytes,
            ),
        )
        inbox = MemoryInbox(self.inbox, around)
        delivery = Delivery(model, inbox=inbox, results=results, parts=parts, scorer=scorer)
        announced = Announcement(work) if isinstance(work, Source) else work
        return delivery.settle(announced, Deadline(left_s or (lambda: 900.0)))

    def rescore(self, source: Source, model: Model) -> Settlement:
        return self.deliver(Announcement(source, is_rescoring=True), model)

    def deliver_all(self, model: Model, left_s: Clock = None) -> list[Settlement]:
        """Deliver tasks until none is left."""
        settlements = []
        while self.tasks:
            settlements.append(self.deliver(self.tasks.pop(0), model, left_s=left_s))
        return settlements

    def deliver_again(self, model: Model) -> None:
        for source in self.announced:
            self.deliver(source, model)
        self.deliver_all(model)

    @property
    def manifests(self) -> list[Manifest]:
        """All that were ever committed, in their order."""
        return [Manifest.from_json(b) for b in self.results.versions(KEY + SUFFIX).values()]
