from __future__ import annotations

import pytest

from operations.wording import amount, counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_345, "12,345 files")]
)
def test_one_is_no_plural(number: int, words: str) -> None:
    assert counted(number, "file") == words


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (3_440_000, "3.4 MB"),
        (999_000_000, "999.0 MB"),
        (2_500_000_000, "2.5 GB"),
        (12_000_000_000_000_000, "12,000.0 TB"),
    ],
)
def test_an_amount_has_the_unit_in_which_it_is_short(size_bytes: int, words: str) -> None:
    assert amount(size_bytes) == words
