"""One run: users, S3, SQS and the function's processes, in the order that a seed draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chaos.call import call_of
from chaos.cloud import Cloud
from chaos.event_source import EventSource, Invocation
from chaos.network import Network
from chaos.process import this_process
from chaos.story import Story
from chaos.users import Users

# Far more than any run needs: one that gets there does not end.
MAXIMUM_MOVES = 20_000

Move = Callable[[], None]


class EndlessError(Exception):
    """A run that goes on and on."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How likely each kind of move is against the others, and how long calls and blocks take."""

    users: float
    notifications: float
    polls: float
    call_s: float
    block_s: float

    @classmethod
    def draw(cls, random: Random) -> Pace:
        return cls(
            users=random.choice([0.05, 0.2, 1, 10]),
            notifications=random.choice([0.05, 1, 10]),
            polls=random.choice([0.05, 1, 10]),
            call_s=0.2,
            block_s=random.choice([0.1, 0.1, 20, 80]),
        )


@dataclass
class Simulation:
    cloud: Cloud
    users: Users
    network: Network
    source: EventSource
    pace: Pace
    story: Story
    moves: int = 0

    def run(self) -> None:
        """Until nothing is left to do. Raises EndlessError."""
        while moves := self._possible():
            self.moves += 1
            if self.moves > MAXIMUM_MOVES:
                raise EndlessError(f"expected an end within {MAXIMUM_MOVES} moves")
            weights = [weight for weight, _ in moves]
            self.cloud.random.choices([move for _, move in moves], weights)[0]()

    def _possible(self) -> list[tuple[float, Move]]:
        pace = self.pace
        moves: list[tuple[float, Move]] = [
            (invocation.haste, partial(self._step, invocation))
            for invocation in self.source.invocations
        ]
        if self.users.steps:
            moves.append((pace.users, self.users.act))
        if self.cloud.notifications.under_way:
            moves.append((pace.notifications, self.cloud.notifications.arrive))
        if self.source.can_poll():
            moves.append((pace.polls, self.source.poll))
        return moves or self._waiting()

    def _waiting(self) -> list[tuple[float, Move]]:
        visible_s = self.cloud.queue.next_visible_s
        return [] if visible_s is None else [(1, partial(self._wait_until, visible_s))]

    def _wait_until(self, time_s: float) -> None:
        self.cloud.clock.reach(time_s)

    def _step(self, invocation: Invocation) -> None:
        if invocation.is_over_time:
            self.story.say(f"{invocation.process.name}: timed out")
            invocation.process.kill()
        else:
            invocation.process.step()
        self.cloud.clock.reach(invocation.process.now_s)
        if not invocation.process.is_alive:
            self.story.end(invocation)
            self.source.finish(invocation)

    def answer(self, event_name: str, request: AWSPreparedRequest) -> AWSResponse:
        process = this_process()
        call = call_of(event_name, request)
        process.rest()
        self.sleep(self.cloud.random.uniform(0, self.pace.call_s))
        return self.network.answer(call, process)

    def work(self) -> None:
        self.sleep(self.cloud.random.uniform(0.7, 1) * self.pace.block_s)

    def sleep(self, seconds: float) -> None:
        """Time passes for the process that asks; those beside it have their own."""
        this_process().now_s += seconds

    def now(self) -> float:
        return this_process().now_s
