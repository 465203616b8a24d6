"""Prices are those of one region, unless a file says others."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.errors import PricesError
from doctor.prices import Prices


def test_a_file_replaces_the_prices_that_it_names(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"sqs_request": 5e-7}')

    assert Prices.read(path) == Prices(sqs_request=5e-7)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "expected a JSON object of prices, got something else"),
        ('{"lambda": 1}', "lambda: expected one of lambda_gb_s, "),
        ('{"event": -1}', "event: expected a price of 0 or more, got -1"),
        ('{"event": true}', "event: expected a price of 0 or more, got True"),
        ("{", "expected a JSON object of prices: "),
    ],
)
def test_a_file_of_something_else_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text)

    with pytest.raises(PricesError) as raised:
        Prices.read(path)

    assert str(raised.value).startswith(f"{path}: {sentence}")
