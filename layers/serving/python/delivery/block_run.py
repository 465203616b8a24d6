"""A run over the blocks of a span: scored on several threads, given in their order."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Executor, Future
from typing import Generic, Self, TypeVar

from delivery.deadline import Deadline
from formats.row_file import Block, RowFile, ScoredBlock, Span
from serving.errors import InvalidInputError

# Blocks scored or waiting to be, for each thread: so many hide the time that storage takes.
BLOCKS_PER_THREAD = 3

Body = TypeVar("Body")
Data = TypeVar("Data")


class BlockRun(Generic[Body, Data]):
    """An iterator that ends with its span, or once the deadline nears. `position` stands behind the
    last block given, `is_done` says that the span ends there.

    At least one block is given, so that every run gets on. Raises what the file raises, after the
    blocks before it.
    """

    def __init__(
        self,
        file: RowFile[Body, Data],
        span: Span,
        *,
        pool: Executor,
        threads: int,
        deadline: Deadline,
    ) -> None:
        self._file = file
        self._blocks = file.blocks(span)
        self._pool = pool
        self._threads = threads
        self._deadline = deadline
        self._pending: deque[tuple[int, Future[ScoredBlock[Data]]]] = deque()
        self._is_exhausted = False
        self._has_begun = False
        self._slowest_s = 0.0
        self.position = span.start

    @property
    def is_done(self) -> bool:
        return self._is_exhausted and not self._pending

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ScoredBlock[Data]:
        self._feed()
        if not self._pending:
            raise StopIteration
        stop, future = self._pending.popleft()
        scored = future.result()
        self.position = stop
        return scored

    def _feed(self) -> None:
        while len(self._pending) < self._depth and not self._is_exhausted and self._may_go_on():
            self._has_begun = True
            try:
                block = next(self._blocks, None)
            except InvalidInputError as error:
                self._is_exhausted = True
                self._pending.append((self.position, _failed(error)))
                return
            if block is None:
                self._is_exhausted = True
            else:
                self._pending.append((block.stop, self._pool.submit(self._score, block)))

    @property
    def _depth(self) -> int:
        """One, until it is known how long a block takes."""
        return BLOCKS_PER_THREAD * self._threads if self._slowest_s else 1

    def _may_go_on(self) -> bool:
        pending_s = self._slowest_s * (len(self._pending) / self._threads + 1)
        return not self._has_begun or self._deadline.allows(pending_s)

    def _score(self, block: Block[Body]) -> ScoredBlock[Data]:
        started = time.monotonic()
        scored = self._file.score(block)
        self._slowest_s = max(self._slowest_s, time.monotonic() - started)
        return scored


def _failed(error: InvalidInputError) -> Future[ScoredBlock[Data]]:
    future: Future[ScoredBlock[Data]] = Future()
    future.set_exception(error)
    return future
