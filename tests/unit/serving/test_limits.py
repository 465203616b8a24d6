"""Limits: how much is scored while somebody waits."""

from __future__ import annotations

import pytest

from serving.card import Card
from serving.errors import InvalidInputError, OversizedInputError
from serving.features import Column, plan
from serving.limits import MAX_CELLS, MAX_ROWS, require_room
from serving.shapes import decode
from serving.signature import ANY, Signature, Tensor


def columns_of(*shape: int) -> tuple[Column, ...]:
    return plan(Signature((Tensor("x", "FP32", (ANY, *shape)),), ()), Card())


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (MAX_ROWS, columns_of(1)),
        (MAX_CELLS // 40, columns_of(40)),
        (MAX_CELLS // 600, columns_of(20, 30)),
        (MAX_CELLS // 10, columns_of(10, ANY)),
    ],
)
def test_up_to_the_limit_there_is_room(rows: int, columns: tuple[Column, ...]) -> None:
    require_room(min(rows, MAX_ROWS), columns)


@pytest.mark.parametrize(
    ("rows", "columns", "sentence"),
    [
        (MAX_ROWS + 1, columns_of(1), "expected at most 100000 rows, got 100001"),
        (25_001, columns_of(40), "expected at most 1000000 cells, got 1000040"),
        (1667, columns_of(20, 30), "expected at most 1000000 cells, got 1000200"),
    ],
)
def test_above_it_there_is_none(rows: int, columns: tuple[Column, ...], sentence: str) -> None:
    with pytest.raises(OversizedInputError) as raised:
        require_room(rows, columns)

    assert str(raised.value) == (
        f"the body: {sentence}; send fewer rows at a time, or a file for batch scoring"
    )


@pytest.mark.parametrize(
    "document",
    [
        [{}] * 30_000,
        [[]] * 30_000,
        {"instances": [{}] * 30_000},
        {"dataframe_records": [{}] * 30_000},
        {"dataframe_split": {"columns": [], "data": [[]] * 30_000}},
        {"x_0": {str(index): 0 for index in range(30_000)}},
    ],
)
def test_cells_that_rows_leave_out_count_in_every_shape(document: object) -> None:
    with pytest.raises(OversizedInputError, match="got 1200000"):
        decode(document, columns_of(40))


def test_a_row_too_many_is_refused_before_its_cells_are_looked_at() -> None:
    with pytest.raises(InvalidInputError, match="rows, got 100001"):
        decode([None] * (MAX_ROWS + 1), columns_of(1))
