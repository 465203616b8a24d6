"""Feeds: columns of cells become tensors, and every wrong cell is reported where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from serving.card import Card, parse_card
from serving.coercion import ABSENT, Array, Cells, from_text
from serving.errors import Fault, OversizedInputError
from serving.features import Column, plan
from serving.feeds import Filled, Rows, fill
from serving.signature import ANY, Signature, Tensor

WIDE = Tensor("X", "FP32", (ANY, 3))
AREA = Tensor("area", "FP32", (ANY, 1))
ROOMS = Tensor("rooms", "INT64", (ANY,))
HEAT = Tensor("heat", "BYTES", (ANY, 1))
IMAGE = Tensor("image", "UINT8", (ANY, 2, 2))
TOKENS = Tensor("tokens", "INT64", (ANY, ANY))


def columns_of(tensors: list[Tensor], features: str = "") -> tuple[Column, ...]:
    card = parse_card(f"live = 1\n[features]\n{features}".encode(), source="model.toml")
    return plan(Signature(tuple(tensors), ()), card)


def filled(tensors: list[Tensor], cells: dict[str, Cells], features: str = "") -> Filled:
    length = len(next(iter(cells.values())))
    return fill(Rows(length, cells), columns_of(tensors, features))


def assert_same(array: Array, expected: Array) -> None:
    assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(array, expected)


def test_a_wide_input_takes_one_column_of_each_name() -> None:
    result = filled([WIDE], {"X_2": [3, 6], "X_0": [1, 4.0], "X_1": [2.5, 5]})

    assert result.faults == []
    assert_same(result.feeds["X"], np.array([[1, 2.5, 3], [4, 5, 6]], np.float32))


def test_one_column_per_input_takes_the_inputs_shape() -> None:
    result = filled(
        [AREA, ROOMS, HEAT], {"area": [1.5, 2], "rooms": [3, 4], "heat": ["gas", "oil"]}
    )

    assert result.faults == []
    assert_same(result.feeds["area"], np.array([[1.5], [2]], np.float32))
    assert_same(result.feeds["rooms"], np.array([3, 4], np.int64))
    assert_same(result.feeds["heat"], np.array([["gas"], ["oil"]], object))


def test_an_open_width_with_features_is_as_wide_as_they_are_many() -> None:
    features = "a = { kind = 'number' }\nb = { kind = 'number' }"

    result = filled([TOKENS], {"b": [2, 4], "a": [1, 3]}, features)

    assert result.faults == []
    assert_same(result.feeds["tokens"], np.array([[1, 2], [3, 4]], np.int64))


def test_every_fault_is_reported_by_row_and_column_in_the_order_of_rows() -> None:
    result = filled(
        [AREA, ROOMS, HEAT],
        {
            "area": [1.0, "big", 2.0, True],
            "rooms": [1.5, 2, 2**63, 3],
            "heat": ["gas", None, "oil", 4],
        },
    )

    whole = "a whole number of 64 bits"
    assert result.faults == [
        Fault(0, "rooms", whole, "1.5"),
        Fault(1, "area", "a number", '"big"'),
        Fault(1, "heat", "a string", "null"),
        Fault(2, "rooms", whole, "9223372036854775808"),
        Fault(3, "area", "a number", "true"),
        Fault(3, "heat", "a string", "4"),
    ]


def test_filling_stops_when_there_are_enough_faults() -> None:
    rows = Rows(3, {"area": ["a", 1.0, "b"], "rooms": [1.5, 2.5, 3.5]})
    columns = columns_of([AREA, ROOMS])

    result = fill(rows, columns, enough=2)

    assert result.faults == [
        Fault(0, "area", "a number", '"a"'),
        Fault(2, "area", "a number", '"b"'),
    ]


def test_a_wrong_cell_leaves_the_other_rows_as_they_are() -> None:
    result = filled([AREA, ROOMS], {"area": [1.0, "big", 3.0], "rooms": [1, 2, 3]})

    assert_same(result.feeds["area"][[0, 2]], np.array([[1], [3]], np.float32))
    assert_same(result.feeds["rooms"][[0, 2]], np.array([1, 3], np.int64))


MISSING = [None, ABSENT, *from_text([""], np.dtype(np.float32))]


@pytest.mark.parametrize(("cell", "got"), [(None, "null"), (ABSENT, "nothing")])
@pytest.mark.parametrize("features", ["", "area = { kind = 'number' }"])
def test_a_missing_number_is_a_fault_unless_the_card_allows_it(
    cell: object, got: str, features: str
) -> None:
    result = filled([AREA], {"area": [1.0, cell]}, features)

    assert result.faults == [Fault(1, "area", "a number", got)]


@pytest.mark.parametrize("cell", MISSING)
def test_a_missing_number_is_nan_where_the_card_says_so(cell: object) -> None:
    features = "area = { kind = 'number', missing = 'nan', minimum = 1, maximum = 9 }"

    result = filled([AREA], {"area": [1.5, cell]}, features)

    assert result.faults == []
    assert_same(result.feeds["area"], np.array([[1.5], [np.nan]], np.float32))


@pytest.mark.parametrize("cell", MISSING)
def test_a_missing_number_is_filled_where_the_card_says_so(cell: object) -> None:
    features = """
        area = { kind = "number", missing = "fill", fill = 0.1 }
        rooms = { kind = "number", missing = "fill", fill = 7 }
    """

    result = filled([AREA, ROOMS], {"area": [1.5, cell], "rooms": [cell, 2]}, features)

    assert result.faults == []
    assert_same(result.feeds["area"], np.array([[1.5], [0.1]], np.float32))
    assert_same(result.feeds["rooms"], np.array([7, 2], np.int64))


@pytest.mark.parametrize("cell", [None, ABSENT, ""])
@pytest.mark.parametrize("kind", ["text", "category"])
def test_missing_text_is_filled_where_the_card_says_so(cell: object, kind: str) -> None:
    features = f"heat = {{ kind = '{kind}', missing = 'fill', fill = 'gas' }}"

    result = filled([HEAT], {"heat": ["oil", cell]}, features)

    assert result.faults == []
    assert_same(result.feeds["heat"], np.array([["oil"], ["gas"]], object))


def test_an_empty_text_is_a_text_where_nothing_may_be_missing() -> None:
    result = filled([HEAT], {"heat": ["oil", ""]}, "heat = { kind = 'text' }")

    assert result.faults == []
    assert_same(result.feeds["heat"], np.array([["oil"], [""]], object))


@pytest.mark.parametrize("missing", ["missing = 'nan'", "missing = 'fill', fill = 5"])
@pytest.mark.parametrize(
    ("cell", "got"), [("", '""'), ("x", '"x"'), (True, "true"), ([], "an array of 0")]
)
def test_what_is_wrong_is_not_missing(missing: str, cell: object, got: str) -> None:
    result = filled([AREA], {"area": [cell, None]}, f"area = {{ kind = 'number', {missing} }}")

    assert result.faults == [Fault(0, "area", "a number", got)]


def test_a_category_is_one_of_the_cards() -> None:
    features = "heat = { kind = 'category', categories = ['gas', 'oil'] }"

    result = filled([HEAT], {"heat": ["gas", "Gas", "", "oil ", None]}, features)

    assert result.faults == [
        Fault(1, "heat", "one of gas, oil", '"Gas"'),
        Fault(2, "heat", "one of gas, oil", '""'),
        Fault(3, "heat", "one of gas, oil", '"oil "'),
        Fault(4, "heat", "one of gas, oil", "null"),
    ]


def test_a_category_without_a_list_is_any_text() -> None:
    result = filled([HEAT], {"heat": ["anything"]}, "heat = { kind = 'category' }")

    assert result.faults == []


def test_a_range_includes_its_ends() -> None:
    features = "area = { kind = 'number', minimum = 0.1, maximum = 9 }"

    result = filled([AREA], {"area": [0.1, 9, 0.09, 9.01, -1e30, "x"]}, features)

    assert result.faults == [
        Fault(2, "area", "at least 0.1", "0.09"),
        Fault(3, "area", "at most 9", "9.01"),
        Fault(4, "area", "at least 0.1", "-1e+30"),
        Fault(5, "area", "a number", '"x"'),
    ]


def test_a_range_holds_for_whole_numbers_too() -> None:
    features = "rooms = { kind = 'number', minimum = 1, maximum = 8 }"

    result = filled([ROOMS], {"rooms": [1, 8, 0, 9]}, features)

    assert result.faults == [
        Fault(2, "rooms", "at least 1", "0"),
        Fault(3, "rooms", "at most 8", "9"),
    ]


def test_nested_arrays_fill_an_input_of_higher_rank() -> None:
    result = filled([IMAGE], {"image": [[[1, 2], [3, 4]], [[5, 6], [7, 255]]]})

    assert result.faults == []
    assert_same(result.feeds["image"], np.array([[[1, 2], [3, 4]], [[5, 6], [7, 255]]], np.uint8))


@pytest.mark.parametrize(
    ("cell", "got"),
    [
        (1, "1"),
        (None, "null"),
        (ABSENT, "nothing"),
        ("ab", '"ab"'),
        ({"0": 1}, "an object"),
        ([], "an array of 0"),
        ([1, 2], "an array of 2"),
        ([[1, 2], [3]], "an array of 2"),
        ([[1, 2], [3, 4], [5, 6]], "an array of 3"),
        ([[1, 2], {}], "an array of 2"),
    ],
)
def test_an_array_of_another_shape_is_a_fault_of_its_row_only(cell: object, got: str) -> None:
    result = filled([IMAGE], {"image": [cell, [[1, 2], [3, 4]]]})

    assert result.faults == [Fault(0, "image", "an array of shape [2, 2]", got)]
    assert_same(result.feeds["image"][1:], np.array([[[1, 2], [3, 4]]], np.uint8))


def test_a_wrong_element_is_a_fault_of_its_row_only() -> None:
    result = filled([IMAGE], {"image": [[[1, 2], [3, 4]], [[1, 256], [3, None]]]})

    assert result.faults == [
        Fault(1, "image", "every element to be a whole number from 0 to 255", "an array of 2")
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([[1], [2]], [[1], [2]]),
        ([[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 5, 6]]),
        ([[], []], [[], []]),
    ],
)
def test_an_open_extent_is_that_of_the_rows(cells: list[Any], expected: list[Any]) -> None:
    result = filled([TOKENS], {"tokens": cells})

    assert result.faults == []
    assert_same(result.feeds["tokens"], np.array(expected, np.int64))


def test_rows_of_one_run_have_one_shape() -> None:
    result = filled([TOKENS], {"tokens": [[1, 2], [3], [4, 5]]})

    assert result.faults == [Fault(1, "tokens", "an array of shape [2]", "an array of 1")]


@pytest.mark.parametrize("cell", [None, 5, "text", {}, ABSENT])
def test_a_row_without_an_array_does_not_decide_the_shape_of_the_others(cell: object) -> None:
    result = filled([TOKENS], {"tokens": [cell, [1, 2], [3, 4]]})

    assert [(fault.row, fault.expected) for fault in result.faults] == [
        (0, "an array of shape [2]")
    ]
    assert_same(result.feeds["tokens"][1:], np.array([[1, 2], [3, 4]], np.int64))


def test_where_no_row_has_an_array_all_are_told_the_declared_shape() -> None:
    result = filled([TOKENS], {"tokens": [1, "2"]})

    assert result.faults == [
        Fault(0, "tokens", "an array of shape [-1]", "1"),
        Fault(1, "tokens", "an array of shape [-1]", '"2"'),
    ]


def test_a_fixed_extent_inside_an_open_one_is_checked() -> None:
    points = Tensor("points", "FP32", (ANY, ANY, 2))

    result = filled([points], {"points": [[[1, 2, 3]], [[1, 2], [3, 4]], [[5, 6], [7, 8]]]})

    assert result.faults == [Fault(0, "points", "an array of shape [2, 2]", "an array of 1")]


def test_rows_that_misfit_beside_a_huge_one_do_not_multiply_it() -> None:
    huge = [0.0] * 1_000_000
    wide = Tensor("X", "FP32", (ANY, ANY))
    rows = Rows(1000, {"X": [huge, *[[]] * 999]})

    with pytest.raises(OversizedInputError) as raised:
        fill(rows, plan(Signature((wide,), ()), Card()))

    assert str(raised.value) == (
        "X: expected arrays of at most 67108864 elements in all, got [1000, 1000000]; "
        "send fewer rows at a time"
    )
