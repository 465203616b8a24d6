"""Spans and blocks: where a Parquet file is cut, and what is read of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import parquet_batches
from formats.parquet_file import ParquetFile
from formats.row_file import Span
from serving.model import Model
from tests.unit.formats.parquet_files import MemoryFile, joined, opened, scored, written


def table_of(rows: int) -> pa.Table:
    random = np.random.default_rng(rows)
    return pa.table(
        {
            "X_0": random.random(rows, dtype=np.float32),
            "X_1": pa.array(random.random(rows), mask=random.random(rows) < 0.1),
            "row": np.arange(rows),
            "text": pa.array([f"text {row % 7}" for row in range(rows)]),
        }
    )


@given(rows=st.integers(0, 60), group=st.integers(1, 40), most=st.integers(1, 50), data=st.data())
def test_parts_that_begin_anywhere_make_the_same_whole(
    rows: int, group: int, most: int, data: st.DataObject, total: Model
) -> None:
    file = opened(written(table_of(rows), row_group_size=group), total)
    cuts = sorted({0, *data.draw(st.lists(st.integers(0, rows)))})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_batches, "MAX_ROWS", most)
        spans = [Span(start, stop) for start, stop in pairwise([*cuts, None]) if start is not None]
        parts = [scored(file, span) for span in spans]

    whole = joined([scored(file)])
    assert joined(parts).equals(whole)
    assert whole["row"].to_pylist() == list(range(rows))


@given(rows=st.integers(0, 60), group=st.integers(1, 40), size_bytes=st.integers(1, 5000))
def test_spans_are_the_whole_file_and_keep_row_groups_whole(
    rows: int, group: int, size_bytes: int, total: Model
) -> None:
    file = opened(written(table_of(rows), row_group_size=group), total)

    spans = [*file.spans(size_bytes)]

    assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
    assert spans[-1].stop is None
    assert all(before.start < after.start for before, after in pairwise(spans))
    assert {span.start % group for span in spans} == {0}
    assert joined(scored(file, span) for span in spans).equals(joined([scored(file)]))


def test_spans_are_of_about_the_size_that_is_asked_for(total: Model) -> None:
    body = written(table_of(1000), row_group_size=100)
    file = opened(body, total)

    assert len([*file.spans(1)]) == 10
    assert [*file.spans(len(body) // 4)] == [Span(0, 400), Span(400, 700), Span(700, None)]
    assert [*file.spans(len(body))] == [Span(0, None)]


def test_blocks_are_consecutive_and_bounded(total: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_batches, "MAX_ROWS", 30)
    file = opened(written(table_of(200), row_group_size=100), total)

    blocks = [*file.blocks(Span(95, 170))]

    assert [(block.start, block.stop) for block in blocks] == [
        (95, 100),
        (100, 130),
        (130, 160),
        (160, 170),
    ]
    assert pa.Table.from_batches([block.body for block in blocks]).equals(
        table_of(200).slice(95, 75)
    )


def test_wide_rows_make_blocks_of_few(total: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_batches, "MAX_BATCH_BYTES", 8000)
    numbers = {"X_0": np.zeros(1000), "X_1": np.zeros(1000)}
    wide = {f"other {index}": np.zeros(1000) for index in range(98)}
    file = opened(written(pa.table({**numbers, **wide})), total)

    assert max(block.stop - block.start for block in file.blocks(Span(0, None))) <= 10


def test_small_row_groups_are_read_at_once(total: Model) -> None:
    source = MemoryFile(written(table_of(2000), row_group_size=100))
    file = ParquetFile(source, total)
    source.reads.clear()

    assert len([*file.blocks(Span(0, None))]) == 20
    assert len(source.reads) == 1


def test_row_groups_outside_of_a_span_are_not_read(total: Model) -> None:
    source = MemoryFile(written(table_of(200_000), row_group_size=50_000))
    file = ParquetFile(source, total)
    source.reads.clear()

    list(file.blocks(Span(50_000, 100_000)))

    [(start, stop)] = source.reads
    assert source.size / 5 < stop - start < source.size / 3


def test_a_row_group_that_does_not_fit_is_read_in_pieces(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_batches, "WINDOW_BYTES", 1024 * 1024)
    table = pa.table({name: np.random.default_rng(0).random(400_000) for name in ("X_0", "X_1")})
    source = MemoryFile(written(table, row_group_size=400_000))
    file = ParquetFile(source, total)
    source.reads.clear()

    blocks = [block.body for block in file.blocks(Span(0, None))]

    assert pa.Table.from_batches(blocks).equals(table)
    assert sum(stop - start for start, stop in source.reads) <= source.size
    assert max(stop - start for start, stop in source.reads) <= 2 * 1024 * 1024
    assert len(source.reads) <= 2 * source.size // (1024 * 1024) + 4


@pytest.mark.parametrize("window_bytes", [1, 2**24])
def test_what_storage_raises_is_passed_on(
    window_bytes: int, total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenFile(MemoryFile):
        def read(self, start: int, stop: int) -> bytes:
            if self.reads:
                raise ConnectionResetError
            return super().read(start, stop)

    monkeypatch.setattr(parquet_batches, "WINDOW_BYTES", window_bytes)
    file = ParquetFile(BrokenFile(written(table_of(50_000))), total)

    with pytest.raises(ConnectionResetError):
        list(file.blocks(Span(0, None)))
