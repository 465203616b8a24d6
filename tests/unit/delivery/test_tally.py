from __future__ import annotations

import pytest

from delivery.tally import Tally
from formats.errors import BadFileError
from formats.row_file import RowCounts, RowError
from serving.card import Card

Piece = tuple[RowCounts, list[RowError]]


def piece_of(length: int, bad: list[int]) -> Piece:
    """A piece with errors in the rows that `bad` counts from 1."""
    errors = [RowError(row, "x", "a number", "nothing") for row in bad]
    return RowCounts(length, length - len(bad), len(bad)), errors


def counted(*pieces: Piece) -> Tally:
    tally = Tally()
    for rows, errors in pieces:
        tally.add(rows, errors)
    return tally


def test_rows_are_counted_through_all_blocks() -> None:
    tally = counted(piece_of(3, [2]), piece_of(0, []), piece_of(2, [1, 2]))

    assert tally.rows == RowCounts(total=5, ok=2, bad=3)


def test_errors_name_the_row_within_the_file_in_its_order() -> None:
    tally = counted(piece_of(3, [1, 3]), piece_of(2, [2]))

    assert tally.errors == [RowError(row, "x", "a number", "nothing") for row in [1, 3, 5]]


def test_only_the_first_twenty_errors_are_kept() -> None:
    tally = counted(piece_of(15, [*range(1, 16)]), piece_of(15, [*range(1, 16)]), piece_of(1, [1]))

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

    counted(piece_of(total, [*range(1, allowed + 1)])).require(card)

    if allowed < total:
        most = f"expected at most {allowed} bad rows of {total},"
        if allowed + 1 == total:
            most = f"expected a good row among {total}, got none;"
        with pytest.raises(BadFileError, match=f"^{most}"):
            counted(piece_of(total, [*range(1, allowed + 2)])).require(card)


def test_too_many_bad_rows_are_said_with_the_first_of_them() -> None:
    tally = counted(piece_of(3, [2, 3]))

    with pytest.raises(BadFileError) as raised:
        tally.require(Card(error_threshold=1))

    assert str(raised.value) == (
        "expected at most 1 bad rows of 3, got 2; the first is row 2: x: expected a number, "
        "got nothing"
    )
