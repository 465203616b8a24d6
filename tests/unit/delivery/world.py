"""A world of one key: the object in an inbox, its results, and deliveries between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery.delivery import Delivery, Outcome
from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest
from serving.model import Model
from tests.unit.delivery.memory import Around, Bucket, MemoryInbox, MemoryResults, undisturbed

KEY = "example/rows.csv"


@dataclass
class World:
    """Everything that was announced, in the order of its versions."""

    versioned: bool = True
    announced: list[Source] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox = Bucket("inbox", versioned=self.versioned)
        self.results = Bucket("results")

    def upload(self, body: bytes) -> Source:
        source = self.inbox.announce(KEY, body)
        self.announced.append(source)
        return source

    def deliver(
        self, source: Source, model: Model, around: Around = undisturbed
    ) -> tuple[Outcome, Manifest | None]:
        inbox, results = MemoryInbox(self.inbox, around), MemoryResults(self.results, around)
        return Delivery(model, inbox=inbox, results=results).settle(source)

    def deliver_again(self, model: Model) -> None:
        for source in self.announced:
            self.deliver(source, model)

    @property
    def manifests(self) -> list[Manifest]:
        """All that were ever committed, in their order."""
        return [Manifest.from_json(b) for b in self.results.versions(KEY + SUFFIX).values()]
