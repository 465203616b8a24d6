"""Categories become numbers, and numbers others, in a tensor that their columns share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.card import parse_card
from serving.coercion import ABSENT, Array, Cells
from serving.errors import ConfigurationError, Fault
from serving.features import Columns, plan
from serving.feeds import Filled, Rows, fill
from serving.signature import ANY, Signature, Tensor

FLOATS = Tensor("X", "FP32", (ANY, 4))
NUMBER = Tensor("code", "INT64", (ANY,))
HOUSES = """
kind = { kind = "category", categories = ["flat", "house"], encode = "one-hot" }
area = { kind = "number", minimum = 0, mean = 100, std = 50 }
rooms = { kind = "number" }
"""


def columns_of(tensor: Tensor, features: str) -> Columns:
    card = parse_card(f"live = 1\n[features]\n{features}".encode(), source="model.toml")
    return plan(Signature((tensor,), ()), card)


def filled(tensor: Tensor, features: str, cells: dict[str, Cells]) -> Filled:
    length = len(next(iter(cells.values())))
    return fill(Rows(length, cells), columns_of(tensor, features))


def assert_same(array: Array, expected: Array) -> None:
    assert (array.dtype, array.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(array, expected)


def test_a_wide_input_takes_categories_one_hot_beside_numbers_that_are_scaled_or_not() -> None:
    cells: dict[str, Cells] = {
        "kind": ["house", "flat"],
        "area": [150, 75.0],
        "rooms": [3, 4],
    }

    feeds, faults = filled(FLOATS, HOUSES, cells)

    assert faults == []
    assert_same(feeds["X"], np.array([[0, 1, 1, 3], [1, 0, -0.5, 4]], np.float32))


@pytest.mark.parametrize(
    ("feature", "numbers"),
    [
        ('{ kind = "category", categories = ["a", "b", "c"], encode = "index" }', [1, 0, 2]),
        ('{ kind = "category", codes = { a = 10, b = 20, c = -1 } }', [20, 10, -1]),
        (
            '{ kind = "category", categories = ["b", "a", "c"], codes = { a = 1, b = 2, c = 3 } }',
            [2, 1, 3],
        ),
    ],
)
@pytest.mark.parametrize(
    ("datatype", "shape"), [("INT64", ()), ("INT8", (1,)), ("FP32", (1,)), ("FP64", ())]
)
def test_a_category_goes_in_as_its_number(
    feature: str, numbers: list[int], datatype: str, shape: tuple[int, ...]
) -> None:
    tensor = Tensor("code", datatype, (ANY, *shape))

    feeds, faults = filled(tensor, f"code = {feature}", {"code": ["b", "a", "c"]})

    assert faults == []
    assert_same(feeds["code"], np.array(numbers, tensor.dtype).reshape(-1, *shape))


@given(st.lists(st.floats(-1e30, 1e30), min_size=1), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_numbers_are_scaled_as_float64_and_then_rounded_once(
    cells: list[float], mean: float, std: float
) -> None:
    feature = f'x = {{ kind = "number", mean = {mean!r}, std = {std!r} }}'

    feeds, faults = filled(Tensor("x", "FP32", (ANY,)), feature, {"x": cells})

    assert faults == []
    assert_same(feeds["x"], ((np.array(cells) - mean) / std).astype(np.float32))


def test_a_matrix_of_numbers_is_scaled_as_its_cells_are() -> None:
    features = '[features.a]\nkind = "number"\nmean = 3\n[features.b]\nkind = "number"\nstd = 7'
    columns = columns_of(Tensor("X", "FP32", (ANY, 2)), features)
    numbers = np.array([[1.1, 2.2], [3.3, 4.4]])
    cells: dict[str, Cells] = {"a": numbers[:, 0].tolist(), "b": numbers[:, 1].tolist()}

    together = fill(Rows(2, cells, numbers), columns)

    assert columns.fit_a_matrix
    assert_same(together.feeds["X"], fill(Rows(2, cells), columns).feeds["X"])


def test_bounds_and_categories_hold_for_cells_as_they_come() -> None:
    cells: dict[str, Cells] = {
        "kind": ["villa", "flat", 5, "house"],
        "area": [100, -1, "9", 10],
        "rooms": [1, 2, 3, True],
    }

    _, faults = filled(FLOATS, HOUSES, cells)

    assert faults == [
        Fault(0, "kind", "one of flat, house", '"villa"'),
        Fault(1, "area", "at least 0", "-1"),
        Fault(2, "kind", "one of flat, house", "5"),
        Fault(2, "area", "a number", '"9"'),
        Fault(3, "rooms", "a number", "true"),
    ]


def test_what_is_missing_is_filled_before_it_is_encoded_or_stays_missing() -> None:
    features = """
    kind = { kind = "category", codes = { a = 0, b = 1 }, missing = "fill", fill = "b" }
    area = { kind = "number", mean = 1, std = 2, missing = "fill", fill = 5 }
    rent = { kind = "number", mean = 1, std = 2, missing = "nan" }
    """
    cells: dict[str, Cells] = {"kind": [None, ""], "area": [ABSENT, 3], "rent": [3, None]}

    feeds, faults = filled(Tensor("X", "FP32", (ANY, 3)), features, cells)

    assert faults == []
    assert_same(feeds["X"], np.array([[1, 2, 1], [1, 1, np.nan]], np.float32))


@pytest.mark.parametrize("std", ["1e-10", "1e-300"])
def test_a_number_that_the_input_cannot_hold_once_it_is_scaled_is_wrong(std: str) -> None:
    feature = f'x = {{ kind = "number", std = {std} }}'

    _, faults = filled(Tensor("x", "FP32", (ANY,)), feature, {"x": [1e300, 0, -1e300]})

    sentence = "a number that is, scaled, of magnitude up to 3.403e+38"
    assert faults == [
        Fault(0, "x", sentence, "1e+300"),
        Fault(2, "x", sentence, "-1e+300"),
    ]


def test_an_open_width_is_as_wide_as_the_features_make_it() -> None:
    cells: dict[str, Cells] = {"kind": ["flat"], "area": [100], "rooms": [3]}

    feeds, _ = filled(FLOATS._replace(shape=(ANY, ANY)), HOUSES, cells)

    assert_same(feeds["X"], np.array([[1, 0, 0, 3]], np.float32))


@pytest.mark.parametrize(
    ("tensor", "features", "sentence"),
    [
        (
            FLOATS._replace(shape=(ANY, 3)),
            HOUSES,
            (
                "features: expected 3 feature(s) for input 'X' [-1, 3], got 4, one-hot ones by "
                "their categories"
            ),
        ),
        (
            Tensor("X", "BYTES", (ANY,)),
            'X = { kind = "category", categories = ["a"], encode = "index" }',
            (
                "features.X: expected an input of numbers, at most a row of them, to encode for, "
                "'X' is BYTES [-1]"
            ),
        ),
        (
            NUMBER,
            'code = { kind = "number", mean = 1 }',
            (
                "features.code.mean, std: expected none unless the input is of floats, 'code' is "
                "INT64"
            ),
        ),
        (
            Tensor("code", "INT8", (ANY,)),
            'code = { kind = "category", codes = { a = 1, b = 1000 } }',
            (
                "features.code.codes: expected a whole number from -128 to 127 for input 'code', "
                "got 1000"
            ),
        ),
        (
            Tensor("X", "FP32", (ANY, 2)),
            'a = { kind = "number", mean = 1 }\nb = { kind = "text" }',
            (
                "features.b.kind: expected one that fits input 'b' of FP64 (number: numeric; "
                "category: BYTES, or numeric by encode or codes; text: BYTES), got 'text'"
            ),
        ),
    ],
)
def test_features_that_do_not_fit_their_input_are_refused(
    tensor: Tensor, features: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        columns_of(tensor, features)

    assert str(raised.value) == f"model.toml: {sentence}"
