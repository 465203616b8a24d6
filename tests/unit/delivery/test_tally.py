from __future__ import annotations

import pytest

from delivery.block import Scored
from delivery.errors import BadFileError
from delivery.manifest import RowCounts, RowError
from delivery.tally import Tally
from serving.card import Card
from serving.errors import Fault


def block_of(length: int, bad: list[int]) -> Scored:
    """A block with faults in the rows that `bad` counts from 0."""
    good = [row for row in range(length) if row not in bad]
    return Scored(length, good, {}, {row: Fault(row, "x", "a number", "nothing") for row in bad})


def counted(*blocks: Scored) -> Tally:
    tally = Tally()
    for block in blocks:
        tally.add(block)
    return tally


def test_rows_are_counted_through_all_blocks() -> None:
    tally = counted(block_of(3, [1]), block_of(0, []), block_of(2, [0, 1]))

    assert tally.rows == RowCounts(total=5, ok=2, bad=3)
    assert tally.next_row == 6


def test_errors_name_the_row_within_the_file_in_its_order() -> None:
    tally = counted(block_of(3, [2, 0]), block_of(2, [1]))

    assert tally.errors == [RowError(row, "x", "a number", "nothing") for row in [1, 3, 5]]


def test_only_the_first_twenty_errors_are_kept() -> None:
    tally = counted(block_of(15, [*range(15)]), block_of(15, [*range(15)]), block_of(1, [0]))

    assert [error.row for error in tally.errors] == [*range(1, 21)]
    assert tally.rows == RowCounts(total=31, ok=0, bad=31)


@pytest.mark.parametrize(
    ("threshold", "total", "allowed"),
    [
        (None, 0, 0),
        (None, 1, 0),
        (None, 100, 99),
        (0, 100, 0),
        (1, 100, 1),
        (30, 20, 20),
        (0.0, 100, 0),
        (0.05, 100, 5),
        (0.05, 99, 4),
        (0.29, 100, 29),
        (0.57, 100, 57),
        (1e-5, 100_000, 1),
        (1.0, 100, 100),
    ],
)
def test_a_file_may_have_as_many_bad_rows_as_the_card_allows_and_not_one_more(
    threshold: float | None, total: int, allowed: int
) -> None:
    card = Card(error_threshold=threshold)

    counted(block_of(total, [*range(allowed)])).require(card)

    if allowed < total:
        most = f"expected at most {allowed} bad rows of {total},"
        if allowed + 1 == total:
            most = f"expected a good row among {total}, got none;"
        with pytest.raises(BadFileError, match=f"^{most}"):
            counted(block_of(total, [*range(allowed + 1)])).require(card)


def test_too_many_bad_rows_are_said_with_the_first_of_them() -> None:
    tally = counted(block_of(3, [1, 2]))

    with pytest.raises(BadFileError) as raised:
        tally.require(Card(error_threshold=1))

    assert str(raised.value) == (
        "expected at most 1 bad rows of 3, got 2; the first is row 2: x: expected a number, "
        "got nothing"
    )
