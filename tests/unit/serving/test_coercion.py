from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.coercion import ABSENT, FEW_CELLS, as_matrix, coerce, from_text

FLOAT32 = np.dtype(np.float32)
INT8 = np.dtype(np.int8)
UINT64 = np.dtype(np.uint64)
STRING = np.dtype(object)
BOOL = np.dtype(bool)


@pytest.mark.parametrize(
    ("cell", "dtype", "expected"),
    [
        (True, FLOAT32, "a number"),
        ("1.5", FLOAT32, "a number"),
        (None, FLOAT32, "a number"),
        (ABSENT, FLOAT32, "a number"),
        ([1.0], FLOAT32, "a number"),
        (1e39, FLOAT32, "a number of magnitude up to 3.403e+38"),
        (65520.0, np.dtype(np.float16), "a number of magnitude up to 6.55e+04"),
        (1.9, INT8, "a whole number from -128 to 127"),
        (True, INT8, "a whole number from -128 to 127"),
        (128, INT8, "a whole number from -128 to 127"),
        (-129, INT8, "a whole number from -128 to 127"),
        (-1, UINT64, "a whole number from 0 to 18446744073709551615"),
        (2.0**53, UINT64, "a whole number from 0 to 18446744073709551615"),
        (1, BOOL, "true or false"),
        ("true", BOOL, "true or false"),
        (1.5, STRING, "a string"),
        (None, STRING, "a string"),
    ],
)
def test_a_cell_of_another_kind_is_wrong_and_says_what_was_expected(
    cell: object, dtype: np.dtype[Any], expected: str
) -> None:
    assert coerce([cell], dtype).expected == {0: expected}


@pytest.mark.parametrize(
    ("cell", "dtype", "value"),
    [
        (16777217, FLOAT32, 16777216.0),
        (0.1, FLOAT32, np.float32(0.1)),
        (3.4028235e38, FLOAT32, np.finfo(np.float32).max),
        (-128, INT8, -128),
        (3.0, INT8, 3),
        (2**64 - 1, UINT64, 2**64 - 1),
        (True, BOOL, True),
        ("", STRING, ""),
    ],
)
def test_floats_round_and_everything_else_is_exact(
    cell: object, dtype: np.dtype[Any], value: object
) -> None:
    coerced = coerce([cell], dtype)

    assert coerced.expected == {}
    assert coerced.values.dtype == dtype
    assert coerced.values.tolist() == [value]


def test_a_wrong_cell_leaves_its_neighbours_alone() -> None:
    coerced = coerce([1, "x", 300, 4], INT8)

    assert coerced.expected == dict.fromkeys([1, 2], "a whole number from -128 to 127")
    assert coerced.values[[0, 3]].tolist() == [1, 4]


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "inf", "Infinity", "1_0", "١٢", "0x10", "1,5", "--1", "1e", "one", "1\n"]
)
def test_text_that_python_or_numpy_would_take_for_a_number_is_wrong(text: str) -> None:
    assert coerce(from_text([text], FLOAT32), FLOAT32).expected == {0: "a number"}
    assert 0 in coerce(from_text([text], INT8), INT8).expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), (" 2 ", 2.0), ("+3", 3.0), (".5", 0.5), ("5.", 5.0), ("1E-2", 0.01)],
)
def test_text_spells_decimal_numbers(text: str, value: float) -> None:
    assert coerce(from_text([text], np.dtype(np.float64)), np.dtype(np.float64)).values == [value]


def test_an_empty_cell_is_absent_but_for_strings() -> None:
    assert from_text(["", "1"], FLOAT32) == [ABSENT, 1]
    assert from_text(["", "true"], BOOL) == [ABSENT, True]
    assert from_text(["", "1"], STRING) == ["", "1"]


# What JSON and CSV both can spell: a number, and nothing in it that one of them reads otherwise.
json_numbers = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=12).map(str),
)


@given(st.lists(json_numbers.filter(lambda text: Decimal(text).adjusted() < 300), min_size=1))
@example(["-0", "-0.0", "0"])
@example(["1", "-0"])
@example(["18446744073709551615", "18446744073709551616", "-9223372036854775809"])
@example(["9007199254740993", "9007199254740993.0"])
@example(["0.1000000014901161193847656250", "0.100000001490116119384765625000000001"])
@pytest.mark.parametrize("dtype", [FLOAT32, np.dtype(np.float64), np.dtype(np.int64), UINT64])
def test_json_and_text_give_the_same_bits_and_the_same_faults(
    dtype: np.dtype[Any], texts: list[str]
) -> None:
    from_json = coerce(orjson.loads(f"[{','.join(texts)}]"), dtype)
    from_csv = coerce(from_text(texts, dtype), dtype)

    assert from_csv.expected == from_json.expected
    assert from_csv.values.tobytes() == from_json.values.tobytes()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20))
def test_text_rounds_to_the_nearest_float64_and_then_to_the_tensors_type(number: Decimal) -> None:
    text = f"{number:f}"

    coerced = coerce(from_text([text], FLOAT32), FLOAT32)

    nearest = min(
        (candidate for candidate in _around(float(text))),
        key=lambda candidate: (abs(Decimal(candidate) - Decimal(text)), _last_bit(candidate)),
    )
    assert coerced.values.tobytes() == np.array([nearest]).astype(np.float32).tobytes()


def _around(value: float) -> list[float]:
    return [float(np.nextafter(value, -np.inf)), value, float(np.nextafter(value, np.inf))]


def _last_bit(value: float) -> int:
    bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits & 1


CELLS = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
WRONG_CELLS = st.one_of(st.booleans(), st.none(), st.text(), st.just([1.0]), st.just(ABSENT))


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1)))
def test_rows_of_numbers_are_the_matrix_of_their_floats(rows: list[tuple[float, ...]]) -> None:
    matrix = as_matrix(rows, len(rows[0]))

    assert matrix is not None
    assert matrix.tolist() == [[float(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("length", [2, FEW_CELLS])
@given(WRONG_CELLS)
def test_one_cell_that_is_no_number_makes_no_matrix(length: int, wrong: object) -> None:
    rows = [[0.5, 1.0] for _ in range(length)]
    rows[-1][1] = wrong  # type: ignore[call-overload] # it is wrong

    assert as_matrix(rows, 2) is None


@pytest.mark.parametrize("row", [[], [1.0], [1.0, 2.0, 3.0], 5, None, "ab", {"a": 1, "b": 2}])
def test_one_row_of_another_shape_makes_no_matrix(row: object) -> None:
    rows: list[Any] = [[1.0, 2.0], row]

    assert as_matrix(rows, 2) is None
