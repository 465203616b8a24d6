"""Predictions against golden ones, within the card's tolerance and no further."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.card import Card
from serving.golden import Golden
from smoke.errors import SmokeError
from smoke.expectation import Expectation

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.floats(-1e6, 1e6)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def expecting(*predictions: Any, tolerance: float = 0.0) -> Expectation:  # noqa: ANN401 - whatever JSON holds
    golden = Golden([[0]] * len(predictions), list(predictions))
    return Expectation("housing", 1, "d", Card(tolerance=tolerance), golden)


@given(st.lists(st.dictionaries(st.text(), VALUES)))
def test_what_is_golden_is_found_golden(predictions: list[dict[str, Any]]) -> None:
    expecting(*predictions).require_golden(predictions)


@given(st.floats(-1e6, 1e6), st.floats(0, 0.1), st.floats(-0.999, 0.999))
def test_a_number_may_be_off_by_the_tolerance(
    golden: float, tolerance: float, share: float
) -> None:
    got = golden + share * tolerance * (1 + abs(golden)) / (1 + 1e-9)

    expecting({"price": golden}, tolerance=tolerance + 1e-12).require_golden([{"price": got}])


@pytest.mark.parametrize(
    ("golden", "got", "sentence"),
    [
        ([{"a": 1.0}], [{"a": 1.1}], "row 0, a: expected 1.0, got 1.1"),
        ([{"a": 1.0}], [{"b": 1.0}], "row 0, a: expected 1.0, got null"),
        ([{"a": [1, 2]}], [{"a": [1]}], "row 0, a: expected an array of 2, got an array"),
        ([{"a": True}], [{"a": 1}], "row 0, a: expected true, got 1"),
        ([{"a": None}], [{"a": 0.0}], "row 0, a: expected null, got 0.0"),
        ([{"a": "yes"}], [{"a": "no"}], 'row 0, a: expected "yes", got "no"'),
        ([{"a": 1}], [1], "row 0: expected an object, got 1"),
        ([{"a": 1}, {"a": 2}], [{"a": 1}], "expected 2 predictions, got 1"),
    ],
)
def test_what_differs_is_said_with_its_place(
    golden: list[Any], got: list[Any], sentence: str
) -> None:
    with pytest.raises(SmokeError) as raised:
        expecting(*golden, tolerance=0.01).require_golden(got)

    assert str(raised.value).startswith(sentence)
