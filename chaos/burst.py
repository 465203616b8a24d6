"""A burst: thousands of files at once, a share of all calls throttled, and some files poison.

Files share nothing but the queue and the mapping's concurrency, so that each invocation runs to its
end at once, on its own time; what is shared passes in the order of virtual time.
"""

from __future__ import annotations

import heapq
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from random import Random
from statistics import mean

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chaos.bucket import Description
from chaos.call import Call, call_of
from chaos.cloud import new_cloud
from chaos.content import in_memory
from chaos.event_source import Invocation, failed
from chaos.fault import Fault
from chaos.laboratory import MODEL, VERSIONS, Laboratory, laboratory
from chaos.message_queue import Message
from chaos.network import Network
from chaos.process import this_process
from chaos.verdict import manifests_of

# The prod stage's, and how Lambda gets there.
MAXIMUM_CONCURRENCY = 50
FIRST_CONCURRENCY = 5
MORE_PER_S = 300 / 60

CALL_S = (0.01, 0.05)
BLOCK_S = 0.05
HEALTHY, POISON = "healthy", "poison"
POISON_SHARE = 0.01
THROTTLED_SHARE = 0.3
# What poison may cost the healthy files' time.
MAXIMUM_COST = 0.05


@dataclass(frozen=True, slots=True)
class BurstReport:
    """Of the healthy files. `drained_s`: when the last of them was settled; `settled_after_s`: when
    they were on average. `busy_s`: what all their deliveries took. `lost`: those without a manifest
    that says that they succeeded."""

    drained_s: float
    settled_after_s: float
    busy_s: float
    attempts: int
    dead_letters: int
    dead_poison: int
    lost: int

    @property
    def ideal_s(self) -> float:
        """Had every slot been busy from the first to the last."""
        return self.busy_s / MAXIMUM_CONCURRENCY


@dataclass
class Throttling:
    """The plan: a share of all attempts is throttled, and poison kills the process."""

    share: float
    random: Random

    def strike(self, call: Call) -> Fault | None:
        if call.is_download and POISON in call.request.url and "/inbox/" in call.request.url:
            return Fault.CRASH_BEFORE
        return Fault.THROTTLED if self.random.random() < self.share else None


class Burst:
    """`files` healthy ones, and `poison` that kill whatever process reads them."""

    def __init__(self, laboratory: Laboratory, *, files: int, poison: int, share: float) -> None:
        self._random = Random(files)
        laboratory.clock.reset()
        laboratory.world = self
        self._cloud = new_cloud(laboratory.clock, self._random, versioned_inbox=True)
        self._network = Network(self._cloud, Throttling(share, self._random), _unobserved)
        self._idle = laboratory.warm(MAXIMUM_CONCURRENCY)
        self._visible: deque[Message] = deque()
        self._attempts = 0
        self._busy_s = 0.0
        self._settled_s: list[float] = []
        # By the time of their ends; no two have the same number.
        self._running: list[tuple[float, int, Invocation]] = []
        self._numbers = count(1)
        self._healthy = [self._upload(f"{MODEL}/{HEALTHY}-{number}.csv") for number in range(files)]
        for number in range(poison):
            self._upload(f"{MODEL}/{POISON}-{number}.csv")
        self._random.shuffle(self._cloud.notifications.under_way)

    def _upload(self, key: str) -> str:
        body = in_memory(b"X_0,X_1\n1,2\n3,4\n")
        version = self._cloud.inbox.put(key, body, Description())
        self._cloud.store.announce("ObjectCreated:Put", self._cloud.inbox, key, version)
        return key

    def run(self) -> BurstReport:
        while self._cloud.notifications.under_way:
            self._cloud.notifications.arrive()
        while not self._is_over():
            self._fill()
            if self._running:
                self._finish(heapq.heappop(self._running)[2])
        return self._report()

    def _is_over(self) -> bool:
        if self._running or self._visible:
            return False
        next_visible_s = self._cloud.queue.next_visible_s
        if next_visible_s is None:
            return True
        self._cloud.clock.reach(next_visible_s)
        return False

    def _fill(self) -> None:
        """Take as many messages as there are slots by now."""
        self._visible = self._visible or deque(self._cloud.queue.visible())
        by_now = FIRST_CONCURRENCY + MORE_PER_S * self._cloud.clock.elapsed_s
        while self._visible and len(self._running) < min(MAXIMUM_CONCURRENCY, by_now):
            message = self._visible.popleft()
            if self._cloud.queue.receive(message):
                self._invoke(message)

    def _invoke(self, message: Message) -> None:
        number, environment = next(self._numbers), self._idle.pop()
        now_s = self._cloud.clock.now_s
        invocation = Invocation(number, VERSIONS[0], environment, now_s, [message])
        invocation.process.step()
        heapq.heappush(self._running, (invocation.process.now_s, number, invocation))

    def _finish(self, invocation: Invocation) -> None:
        process = invocation.process
        self._cloud.clock.reach(process.now_s)
        if process.is_gone:
            invocation.environment.restart()
        self._idle.append(invocation.environment)
        is_healthy = POISON not in invocation.messages[0].body
        if is_healthy:
            self._attempts += 1
            self._busy_s += process.elapsed_s
        if not failed(invocation):
            self._cloud.queue.delete(invocation.receipts[0])
            self._settled_s.append(self._cloud.clock.elapsed_s)

    def _report(self) -> BurstReport:
        letters = self._cloud.queue.dead_letters
        return BurstReport(
            drained_s=max(self._settled_s),
            settled_after_s=mean(self._settled_s),
            busy_s=self._busy_s,
            attempts=self._attempts,
            dead_letters=sum(HEALTHY in letter.body for letter in letters),
            dead_poison=sum(POISON in letter.body for letter in letters),
            lost=sum(not self._has_succeeded(key) for key in self._healthy),
        )

    def _has_succeeded(self, key: str) -> bool:
        manifests = manifests_of(self._cloud, key)
        return bool(manifests) and manifests[-1].status == "succeeded"

    def answer(self, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
        self.sleep(self._random.uniform(*CALL_S))
        return self._network.answer(call_of(event_name, request), this_process())

    def work(self) -> None:
        self.sleep(BLOCK_S)

    def sleep(self, seconds: float) -> None:
        this_process().now_s += seconds

    def now(self) -> float:
        return this_process().now_s


def compare(files: int) -> tuple[BurstReport, BurstReport]:
    """The same burst without and with poison, at the same time."""
    with ProcessPoolExecutor(2) as pool:
        plain, poisoned = pool.map(_burst, [files, files], [0, int(files * POISON_SHARE)])
    return plain, poisoned


def _burst(files: int, poison: int) -> BurstReport:
    with laboratory() as opened:
        return Burst(opened, files=files, poison=poison, share=THROTTLED_SHARE).run()


def _unobserved(_: Call, __: Fault | None, ___: str) -> None: ...
