"""The cloud of one run: buckets, a queue and an event bus, all on one clock and one seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from chaos.bucket import Bucket, Version
from chaos.clock import Clock
from chaos.event_bus import EventBus
from chaos.laboratory import INBOX, MINIMUM_PART_BYTES, RESULTS, VERSIONS
from chaos.message_queue import MessageQueue
from chaos.notifications import Notifications
from chaos.object_store import ObjectStore

# As the data stack has them.
FUNCTION_TIMEOUT_S = 300
VISIBILITY_S = 6 * FUNCTION_TIMEOUT_S
MAXIMUM_RECEIVE_COUNT = 5


@dataclass(slots=True)
class Deployment:
    """The model's version that new invocations meet."""

    version: int


@dataclass(frozen=True)
class Cloud:
    clock: Clock
    random: Random
    store: ObjectStore
    queue: MessageQueue
    bus: EventBus
    notifications: Notifications
    deployment: Deployment

    @property
    def inbox(self) -> Bucket:
        return self.store.bucket(INBOX)

    @property
    def results(self) -> Bucket:
        return self.store.bucket(RESULTS)


def new_cloud(clock: Clock, random: Random, *, versioned_inbox: bool) -> Cloud:
    def new_id() -> str:
        return f"{random.getrandbits(96):024x}"

    queue = MessageQueue(
        visibility_s=VISIBILITY_S,
        maximum_receive_count=MAXIMUM_RECEIVE_COUNT,
        now=clock.now,
        new_id=new_id,
    )
    notifications = Notifications(queue, random)

    def announce(event: str, bucket: Bucket, key: str, version: Version) -> None:
        if bucket.name == INBOX:
            notifications.announce(event, bucket, key, version)

    store = ObjectStore(
        minimum_part_bytes=MINIMUM_PART_BYTES, now=clock.now, new_id=new_id, announce=announce
    )
    store.create_bucket(INBOX, versioned=versioned_inbox)
    store.create_bucket(RESULTS, versioned=True)
    return Cloud(clock, random, store, queue, EventBus(), notifications, Deployment(VERSIONS[0]))
