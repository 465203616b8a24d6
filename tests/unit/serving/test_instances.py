"""Instances: rows in every JSON shape that people send, each fault with a pointer to its place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.card import Card, parse_card
from serving.errors import ENOUGH_FAULTS, Fault, InvalidInputError, InvalidRowsError
from serving.features import Column, plan
from serving.shapes import decode
from serving.signature import ANY, Signature, Tensor

AREA = Tensor("area", "FP32", (ANY, 1))
HEAT = Tensor("heat", "BYTES", (ANY, 1))
TOKENS = Tensor("tokens", "INT64", (ANY, ANY))


def columns_of(*tensors: Tensor) -> tuple[Column, ...]:
    return plan(Signature(tensors, ()), Card())


HOUSE = columns_of(AREA, HEAT)


def feeds(document: object, columns: tuple[Column, ...] = HOUSE) -> dict[str, list[Any]]:
    arrays = decode(document, columns).feeds(columns)
    return {name: array.ravel().tolist() for name, array in arrays.items()}


def faults(document: object, columns: tuple[Column, ...] = HOUSE) -> list[tuple[str, Fault]]:
    with pytest.raises(InvalidRowsError) as raised:
        decode(document, columns).feeds(columns)
    return list(zip(raised.value.pointers, raised.value.faults, strict=True))


@pytest.mark.parametrize(
    "document",
    [
        {"instances": [{"area": 1, "heat": "gas"}, {"heat": "oil", "area": 2.5}]},
        {"instances": [[1, "gas"], [2.5, "oil"]]},
        [{"area": 1, "heat": "gas"}, {"heat": "oil", "area": 2.5}],
        [[1, "gas"], [2.5, "oil"]],
        {"area": {"0": 1, "1": 2.5}, "heat": {"0": "gas", "1": "oil"}},
        {"heat": {"b": "gas", "a": "oil"}, "area": {"a": 2.5, "b": 1}},
        {"dataframe_split": {"columns": ["area", "heat"], "data": [[1, "gas"], [2.5, "oil"]]}},
        {
            "dataframe_split": {
                "index": ["a", "b"],
                "columns": ["heat", "area"],
                "data": [["gas", 1], ["oil", 2.5]],
            }
        },
        {"dataframe_records": [{"area": 1, "heat": "gas"}, {"heat": "oil", "area": 2.5}]},
    ],
)
def test_every_shape_gives_the_same_feeds(document: object) -> None:
    assert feeds(document) == {"area": [1.0, 2.5], "heat": ["gas", "oil"]}


def test_a_model_of_one_feature_takes_bare_cells_too() -> None:
    assert (
        feeds(["gas", "oil"], columns_of(HEAT))
        == feeds({"instances": ["gas", "oil"]}, columns_of(HEAT))
        == feeds([["gas"], ["oil"]], columns_of(HEAT))
        == feeds([{"heat": "gas"}, {"heat": "oil"}], columns_of(HEAT))
        == {"heat": ["gas", "oil"]}
    )


def test_a_model_of_one_array_takes_the_array_for_the_row() -> None:
    assert (
        feeds([[1, 2], [3, 4]], columns_of(TOKENS))
        == feeds([{"tokens": [1, 2]}, {"tokens": [3, 4]}], columns_of(TOKENS))
        == {"tokens": [1, 2, 3, 4]}
    )


SPLIT = '{"columns": [name, …], "data": [[cell, …], …]}'
EVERY_SHAPE = (
    '{"instances": [row, …]}, [row, …], {"dataframe_split": {…}}, {"dataframe_records": [row, …]} '
    "or {column: {index: cell, …}, …}"
)


@pytest.mark.parametrize(
    ("document", "got"),
    [
        (None, "null"),
        (5, "5"),
        ("rows", '"rows"'),
        (True, "true"),
        ({}, "an object with nothing in it"),
        ({"instances": 5, "more": 1}, 'an object with "instances", "more"'),
        ({"instances": [], "more": 1}, 'an object with "instances", "more"'),
        ({"area": 1, "heat": "gas"}, 'an object with "area", "heat"'),
        ({"area": {"0": 1}, "heat": ["gas"]}, 'an object with "area", "heat"'),
        ({"dataframe_split": {}, "more": []}, 'an object with "dataframe_split", "more"'),
        (
            {str(key): 0 for key in range(9)},
            'an object with "0", "1", "2", "3", "4", …',
        ),
        ({"x" * 5_000_000: 0}, f'an object with "{"x" * 40}…"'),
    ],
)
def test_a_document_of_no_shape_is_told_the_shapes_there_are(document: object, got: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        decode(document, HOUSE)

    assert str(raised.value) == f"the body: expected {EVERY_SHAPE}, got {got}"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "the body: expected at least one row, got none"),
        ({"instances": []}, "/instances: expected at least one row, got none"),
        ({"area": {}, "heat": {}}, "the body: expected at least one row, got empty columns"),
        (
            {"area": {"0": 1}, "he/at~": {"0": "gas"}},
            '/he~1at~0: expected only the features area, heat, got "he/at~"',
        ),
        ({"dataframe_records": []}, "/dataframe_records: expected at least one row, got none"),
        (
            {"dataframe_split": {"columns": ["area"], "data": []}},
            "/dataframe_split/data: expected at least one row, got none",
        ),
        (
            {"dataframe_split": {"columns": ["area", "haet"], "data": [[1, 2]]}},
            '/dataframe_split/columns/1: expected only the features area, heat, got "haet"',
        ),
        (
            {"dataframe_split": {"columns": [["area"]], "data": [[1]]}},
            "/dataframe_split/columns/0: expected only the features area, heat, got an array of 1",
        ),
        (
            {"dataframe_split": {"columns": ["area", "area"], "data": [[1, 2]]}},
            '/dataframe_split/columns: expected each name once, got "area" again',
        ),
        ({"instances": 5}, "/instances: expected an array of rows, got 5"),
        (
            {"dataframe_records": {"area": {"0": 1}}},
            "/dataframe_records: expected an array of rows, got an object",
        ),
        (
            {"dataframe_split": [[1, "gas"]]},
            f"/dataframe_split: expected {SPLIT}, got an array of 1",
        ),
        (
            {"dataframe_split": {"columns": ["area"], "data": [[1]], "rows": 1}},
            f"/dataframe_split: expected {SPLIT}, got an object",
        ),
        (
            {"instances": {"0": 1}},
            "/instances: expected an array of rows, got an object",
        ),
    ],
)
def test_a_document_without_rows_of_this_model_is_refused(document: object, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        decode(document, HOUSE)

    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("rows", "row_faults"),
    [
        (
            [{"area": 1, "heat": "gas"}, {"area": "x", "heat": None}],
            [
                ("/1/area", Fault(1, "area", "a number", '"x"')),
                ("/1/heat", Fault(1, "heat", "a string", "null")),
            ],
        ),
        (
            [{"area": 1}],
            [("/0/heat", Fault(0, "heat", "a string", "nothing"))],
        ),
        (
            [{"area": 1, "heat": "gas", "haet": "oil"}],
            [("/0/haet", Fault(0, "haet", "only the features area, heat", "an unknown one"))],
        ),
        (
            [{"area": 1, "haet": "oil"}],
            [("/0/haet", Fault(0, "haet", "only the features area, heat", "an unknown one"))],
        ),
        (
            [{"area": 1, "heat": "gas"}, [2, "oil"], None],
            [
                ("/1", Fault(1, None, "an object, as the first row is", "an array of 2")),
                ("/2", Fault(2, None, "an object, as the first row is", "null")),
            ],
        ),
        (
            [[1, "gas"], [2, 3], ["x", "oil"]],
            [
                ("/1/1", Fault(1, "heat", "a string", "3")),
                ("/2/0", Fault(2, "area", "a number", '"x"')),
            ],
        ),
        (
            [[1, "gas"], [2], [3, "oil", 4], {"area": 1}, 5],
            [
                ("/1", Fault(1, None, "an array of 2 (area, heat)", "an array of 1")),
                ("/2", Fault(2, None, "an array of 2 (area, heat)", "an array of 3")),
                ("/3", Fault(3, None, "an array of 2 (area, heat)", "an object")),
                ("/4", Fault(4, None, "an array of 2 (area, heat)", "5")),
            ],
        ),
        (
            [[], [1, "gas"]],
            [("/0", Fault(0, None, "an array of 2 (area, heat)", "an array of 0"))],
        ),
        (
            [5],
            [("/0", Fault(0, None, "an array of 2 (area, heat)", "5"))],
        ),
    ],
)
def test_a_fault_points_at_its_cell_or_its_row(
    rows: list[object], row_faults: list[tuple[str, Fault]]
) -> None:
    assert faults(rows) == row_faults
    assert faults({"instances": rows}) == [
        (f"/instances{pointer}", fault) for pointer, fault in row_faults
    ]


def test_in_the_column_form_a_fault_points_at_column_and_index() -> None:
    document = {"area": {"a/b": 1, "~": "x"}, "heat": {"a/b": "gas", "~": "oil"}}

    assert faults(document) == [("/area/~0", Fault(1, "area", "a number", '"x"'))]


def test_in_the_column_form_an_index_that_a_column_lacks_is_a_missing_cell() -> None:
    document = {"area": {"0": 1, "1": 2}, "heat": {"1": "oil", "2": "gas"}}

    assert faults(document) == [
        ("/heat/0", Fault(0, "heat", "a string", "nothing")),
        ("/area/2", Fault(2, "area", "a number", "nothing")),
    ]


def test_in_the_column_form_a_whole_column_may_be_missing() -> None:
    assert faults({"area": {"0": 1}}) == [("/heat/0", Fault(0, "heat", "a string", "nothing"))]


def test_in_a_split_frame_a_fault_points_at_row_and_position() -> None:
    data = [["gas", 1], ["gas"], [5, "x"]]

    assert faults({"dataframe_split": {"columns": ["heat", "area"], "data": data}}) == [
        (
            "/dataframe_split/data/1",
            Fault(1, None, "an array of 2 (heat, area)", "an array of 1"),
        ),
        ("/dataframe_split/data/2/1", Fault(2, "area", "a number", '"x"')),
        ("/dataframe_split/data/2/0", Fault(2, "heat", "a string", "5")),
    ]


def test_in_a_split_frame_a_missing_column_is_missing_in_every_row() -> None:
    frame = {"columns": ["area"], "data": [[1], [2]]}

    assert faults({"dataframe_split": frame}) == [
        ("/dataframe_split/data/0", Fault(0, "heat", "a string", "nothing")),
        ("/dataframe_split/data/1", Fault(1, "heat", "a string", "nothing")),
    ]


def test_bare_cells_point_at_themselves() -> None:
    assert faults(["gas", 5, {"heat": "gas"}, ["gas"]], columns_of(HEAT)) == [
        ("/1", Fault(1, "heat", "a string", "5")),
        ("/2", Fault(2, "heat", "a string", "an object")),
        ("/3", Fault(3, "heat", "a string", "an array of 1")),
    ]


def test_a_pointer_escapes_what_pointers_reserve() -> None:
    columns = columns_of(Tensor("m~2/a", "FP32", (ANY, 1)))

    assert faults([{"m~2/a": None}], columns) == [
        ("/0/m~02~1a", Fault(0, "m~2/a", "a number", "null"))
    ]


def test_a_huge_name_is_not_repeated_whole() -> None:
    huge = "x" * 5_000_000

    with pytest.raises(InvalidRowsError) as raised:
        decode([{huge: 1}], HOUSE).feeds(HOUSE)

    assert raised.value.pointers == (f"/0/{'x' * 200}…",)
    assert str(raised.value) == (
        f"row 0: {'x' * 200}…: expected only the features area, heat, got an unknown one"
    )


@pytest.mark.parametrize("row", [{}, {"haet": 1}, [], 5, {"area": "x", "heat": 5}])
def test_of_very_many_faults_enough_are_reported(row: object) -> None:
    with pytest.raises(InvalidRowsError) as raised:
        decode([row] * (ENOUGH_FAULTS + 1), HOUSE).feeds(HOUSE)

    assert ENOUGH_FAULTS <= len(raised.value.faults) <= 2 * ENOUGH_FAULTS
    assert len(raised.value.pointers) == len(raised.value.faults)
    assert raised.value.faults[0].row == 0
    assert re.search(r" \(and at least \d+ more\)$", str(raised.value))


def test_the_sentence_names_the_first_fault_and_counts_the_others() -> None:
    with pytest.raises(InvalidRowsError) as raised:
        decode([[1, "gas"], ["x", 5]], HOUSE).feeds(HOUSE)

    assert str(raised.value) == 'row 1: area: expected a number, got "x" (and 1 more)'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
near_misses = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "gas", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["area", "heat", "instances", "0"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("columns", [HOUSE, columns_of(HEAT), columns_of(TOKENS)])
@given(document=json_values | near_misses)
def test_any_document_is_fed_or_refused(columns: tuple[Column, ...], document: object) -> None:
    try:
        instances = decode(document, columns)
        fed = instances.feeds(columns)
    except InvalidInputError:
        return

    assert {name: len(array) for name, array in fed.items()} == dict.fromkeys(
        (column.tensor.name for column in columns), instances.rows.length
    )


@given(
    st.lists(
        st.tuples(st.floats(width=32, allow_nan=False, allow_infinity=False), st.text()),
        min_size=1,
    )
)
def test_objects_arrays_and_columns_give_the_same_bits(rows: list[tuple[float, str]]) -> None:
    objects = [{"area": area, "heat": heat} for area, heat in rows]
    columns = {
        "area": {str(index): area for index, (area, _) in enumerate(rows)},
        "heat": {str(index): heat for index, (_, heat) in enumerate(rows)},
    }

    fed = [
        decode(orjson.loads(orjson.dumps(document)), HOUSE).feeds(HOUSE)
        for document in (objects, rows, columns)
    ]

    assert {feeds["area"].tobytes() for feeds in fed} == {
        np.array([area for area, _ in rows], np.float32).tobytes()
    }
    assert [feeds["heat"].ravel().tolist() for feeds in fed] == [[heat for _, heat in rows]] * 3


@pytest.mark.parametrize("document", [[{}, {}], [[], []]])
def test_a_model_without_inputs_takes_rows_of_nothing(document: list[object]) -> None:
    assert decode(document, columns_of()).feeds(columns_of()) == {}


PAIR = columns_of(Tensor("X", "FP32", (ANY, 2)))
JSON_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
    st.lists(st.integers(), max_size=2),
)


@given(st.lists(st.tuples(JSON_CELLS, JSON_CELLS), min_size=1))
def test_numbers_read_by_rows_are_those_read_by_columns(rows: list[tuple[object, ...]]) -> None:
    objects = [dict(zip(("X_0", "X_1"), row, strict=True)) for row in rows]
    columns = {
        name: {str(index): row[name] for index, row in enumerate(objects)}
        for name in ("X_0", "X_1")
    }
    arrays = [list(row) for row in rows]

    by_columns, *by_rows = map(outcome, (columns, arrays, objects))

    assert by_rows == [by_columns] * 2


def outcome(document: object) -> object:
    """The bytes that are fed, or every fault."""
    try:
        return decode(document, PAIR).feeds(PAIR)["X"].tobytes()
    except InvalidRowsError as error:
        return error.faults


def test_a_number_beyond_its_bound_is_shown_as_it_was_sent() -> None:
    card = parse_card(
        b"live = 1\n[features]\nX = { kind = 'number', maximum = 4 }", source="model.toml"
    )
    columns = plan(Signature((Tensor("X", "FP32", (ANY, 1)),), ()), card)

    assert faults([[1], [5]], columns) == [("/1/0", Fault(1, "X", "at most 4", "5"))]
