"""A million rows of everything that CSV may hold, told apart as Python's own reader tells them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import cycle, zip_longest
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

from delivery.outcome import Outcome
from formats.csv_file import CsvFile
from formats.row_file import RowCounts, Span
from formats.text_blocks import BLOCK_BYTES
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.delivery.world import KEY, World
from tests.unit.formats.text_files import MemoryText

ROWS = 1_000_000
BAD_EVERY = 100
# As they stand in the file.
BAD_CELLS = cycle(["x", "", "NaN", "1e999", "true", "0x1F", '"1,5"', "1_000", '"4\n2"', "1e39"])
# What may stand in a cell that the model does not read.
NOTES = cycle(
    ["", "plain", '"quoted, with a comma"', '"of\nseveral\r\nlines"', '5" pipe', '"a ""word"""']
)
ENDINGS = cycle(["\n", "\r\n", "\n", "\n"])
HEADER = "X_1,note,X_0\r\n"


class Made(NamedTuple):
    """A file, what becomes of each of its rows, and where rows stand that a block's end cuts."""

    content: bytes
    totals: list[np.float32 | None]
    cut: list[int]


@pytest.fixture(scope="module")
def file() -> Made:
    """Wherever a block would end lies a quoted cell of many lines, begun before and ended after."""
    random = Random(1)
    text, totals, cut = io.BytesIO(), [], []
    start = text.write(HEADER.encode())
    block_start = 0
    for number in range(ROWS):
        first, second = f"{random.uniform(-1e6, 1e6):.4f}", str(random.randrange(10**6))
        is_bad = number % BAD_EVERY == BAD_EVERY - 1
        cells = [second, next(NOTES), next(BAD_CELLS) if is_bad else first]
        left = block_start + BLOCK_BYTES - start
        if left < 200:
            cells[1] = '"' + "\n" * left + '"'
            cut.append(start)
            block_start = start
        start += text.write((",".join(cells) + next(ENDINGS)).encode())
        totals.append(None if is_bad else np.float32(first) + np.float32(second))
    return Made(text.getvalue(), totals, cut)


def read(content: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(content.decode(), newline=""))


def test_each_of_a_million_rows_is_what_an_independent_reader_says(
    file: Made, load_model: LoadModel
) -> None:
    model = load_model(graphs.total())
    world = World(split_bytes=16 * BLOCK_BYTES, part_bytes=8 * BLOCK_BYTES)

    first = world.deliver(world.upload(file.content), model).outcome
    world.deliver_all(model)

    assert first is Outcome.SPLIT
    [manifest] = world.manifests
    bad = ROWS // BAD_EVERY
    assert (manifest.status, manifest.rows) == ("succeeded", RowCounts(ROWS, ROWS - bad, bad))
    _, scored = world.results.current(KEY)
    was, now = read(file.content), read(scored)
    assert next(now) == [*next(was), "total", "error"]
    wrong = [
        (row, cells)
        for row, (source, cells, total) in enumerate(zip_longest(was, now, file.totals), start=1)
        if not is_right(source, cells, total)
    ]
    assert wrong[:3] == []


def is_right(source: list[str], cells: list[str], total: np.float32 | None) -> bool:
    *kept, predicted, error = cells
    if kept != source:
        return False
    if total is None:
        return predicted == "" and error.startswith("X_0: expected a number")
    return np.float32(predicted) == total and error == ""


def test_what_a_blocks_bytes_cut_is_always_a_quoted_cell_of_many_lines(
    file: Made, load_model: LoadModel
) -> None:
    opened = CsvFile(MemoryText(file.content), load_model(graphs.total()))

    starts = {block.start for block in opened.blocks(Span(0, None))}

    assert len(file.cut) > 20
    assert set(file.cut) <= starts
