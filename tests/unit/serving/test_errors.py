"""Errors name what was expected and what came, and a log repeats neither."""

from __future__ import annotations

import pytest

from serving.coercion import ABSENT
from serving.errors import ENOUGH_FAULTS, Fault, InvalidRowsError, shown, trace_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1.5, "1.5"),
        ("gas", '"gas"'),
        ("", '""'),
        ("x" * 40, f'"{"x" * 40}"'),
        ("x" * 41, f'"{"x" * 40}…"'),
        ([1, 2], "an array of 2"),
        ({"a": 1}, "an object"),
        (ABSENT, "nothing"),
    ],
)
def test_a_value_is_shown_as_json_and_never_at_length(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(2, "area", "a number", "null"), "area: expected a number, got null"),
        (Fault(2, None, "an object", "5"), "expected an object, got 5"),
        (Fault(2, "x" * 201, "a number", "5"), f"{'x' * 200}…: expected a number, got 5"),
    ],
)
def test_a_fault_reads_as_a_sentence(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_one_fault_is_told_and_the_others_are_counted() -> None:
    fault = Fault(3, "area", "a number", "null")

    assert str(InvalidRowsError([fault])) == "row 3: area: expected a number, got null"
    assert str(InvalidRowsError([fault] * 3)) == (
        "row 3: area: expected a number, got null (and 2 more)"
    )
    assert str(InvalidRowsError([fault] * ENOUGH_FAULTS)) == (
        "row 3: area: expected a number, got null (and at least 999 more)"
    )


def test_a_trace_tells_type_and_place_but_not_the_message() -> None:
    try:
        int("a secret")
    except ValueError as error:
        trace = trace_of(error)

    assert trace["error_type"] == "ValueError"
    assert __file__ in str(trace["error_frames"])
    assert "invalid literal" not in str(trace)
