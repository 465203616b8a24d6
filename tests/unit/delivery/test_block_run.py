from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import Any

from delivery.block_run import BlockRun
from delivery.deadline import Deadline
from formats.row_file import Block, Encoder, RowCounts, ScoredBlock, Span


class Later(Future[Any]):
    """Does its work when somebody waits for it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:  # noqa: ANN401, ARG002 - as its base
        return self._work()


class Patient(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - as its base
        return Later(lambda: fn(*args, **kwargs))


class Numbers:
    """A file of ten blocks; remembers how many were read."""

    def __init__(self) -> None:
        self.read = 0

    def spans(self, size_bytes: int) -> Iterator[Span]:
        raise NotImplementedError

    def blocks(self, span: Span) -> Iterator[Block[int]]:
        for number in range(span.start, 10):
            self.read += 1
            yield Block(number, number + 1, number)

    def score(self, block: Block[int]) -> ScoredBlock[int]:
        return ScoredBlock(block.body, RowCounts(1, 1, 0), ())

    def encoder(self, start: int) -> Encoder[int]:
        raise NotImplementedError


def test_no_more_than_one_block_waits_until_it_is_known_how_long_one_takes() -> None:
    file = Numbers()
    deadline = Deadline(lambda: 900.0)
    run = BlockRun(file, Span(0, None), pool=Patient(), threads=2, deadline=deadline)

    read = [(block.data, file.read) for block in islice(run, 3)]

    assert read == [(0, 1), (1, 7), (2, 8)]
    assert [block.data for block in run] == [*range(3, 10)]
