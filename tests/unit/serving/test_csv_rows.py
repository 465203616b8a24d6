"""CSV rows: cells by their header, faults by row and column."""

from __future__ import annotations

from typing import Any

import pytest

from serving.card import Card, parse_card
from serving.csv_rows import decode_csv
from serving.errors import (
    ENOUGH_FAULTS,
    Fault,
    InvalidInputError,
    InvalidRowsError,
    MalformedInputError,
)
from serving.features import Column, plan
from serving.signature import ANY, Signature, Tensor

AREA = Tensor("area", "FP32", (ANY, 1))
HEAT = Tensor("heat", "BYTES", (ANY, 1))
NEW = Tensor("new", "BOOL", (ANY, 1))
TOKENS = Tensor("tokens", "INT64", (ANY, ANY))


def columns_of(*tensors: Tensor, card: Card | None = None) -> tuple[Column, ...]:
    return plan(Signature(tensors, ()), card or Card())


HOUSE = columns_of(AREA, HEAT)


def feeds(text: str, columns: tuple[Column, ...] = HOUSE) -> dict[str, list[Any]]:
    arrays = decode_csv(text.encode(), columns).feeds(columns)
    return {name: array.reshape(len(array), -1).tolist() for name, array in arrays.items()}


@pytest.mark.parametrize(
    "text",
    [
        "area,heat\n1,gas\n2.5,oil\n",
        "heat,area\r\ngas,1\r\noil,2.5",
        '\ufeffarea,"heat"\n\n 1 ,"gas"\n"2.5",oil\n\n',
    ],
)
def test_rows_are_read_by_their_header(text: str) -> None:
    assert feeds(text) == {"area": [[1.0], [2.5]], "heat": [["gas"], ["oil"]]}


def test_cells_are_what_their_tensor_makes_of_them() -> None:
    columns = columns_of(NEW, TOKENS)

    assert feeds('new,tokens\ntrue,"[1,2]"\nFALSE,"[3, 4]"\n', columns) == {
        "new": [[True], [False]],
        "tokens": [[1, 2], [3, 4]],
    }


def test_a_cell_may_hold_what_separates_others() -> None:
    assert feeds('area,heat\n1,"a,""b""\r\nc"\n')["heat"] == [['a,"b"\r\nc']]


def test_an_empty_text_alone_in_its_row_is_written_in_quotes() -> None:
    assert feeds('heat\n""\n\ngas\n', columns_of(HEAT)) == {"heat": [[""], ["gas"]]}


def test_a_missing_cell_and_a_missing_column_are_what_the_card_makes_of_them() -> None:
    toml = b'live = 1\n[features]\narea = { kind = "number", missing = "fill", fill = 7 }\n'
    card = parse_card(
        toml + b'heat = { kind = "text", missing = "fill", fill = "gas" }\n', source=""
    )
    columns = columns_of(AREA, HEAT, card=card)

    assert feeds("area,heat\n,oil\n1,\n", columns) == {
        "area": [[7.0], [1.0]],
        "heat": [["oil"], ["gas"]],
    }
    assert feeds("heat\noil\n", columns) == {"area": [[7.0]], "heat": [["oil"]]}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("area,heat\n1,gas\nx,oil\n", (Fault(1, "area", "a number", '"x"'),)),
        ("area,heat\n,gas\n", (Fault(0, "area", "a number", "nothing"),)),
        ("heat\ngas\n", (Fault(0, "area", "a number", "nothing"),)),
        ("area,heat\nNaN,gas\n", (Fault(0, "area", "a number", '"NaN"'),)),
        ("area,heat\n1\n", (Fault(0, None, "2 cells, as the header has", "1"),)),
        (
            "area,heat\n1,gas\n\n1,2,3\nx,oil\n",
            (
                Fault(1, None, "2 cells, as the header has", "3"),
                Fault(2, "area", "a number", '"x"'),
            ),
        ),
    ],
)
def test_a_fault_is_at_its_row_and_column(text: str, faults: tuple[Fault, ...]) -> None:
    with pytest.raises(InvalidRowsError) as raised:
        feeds(text)

    assert raised.value.faults == faults
    assert str(raised.value).startswith(f"row {faults[0].row + 1}: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("area,heat\n", "the body: expected at least one row below the header, got none"),
        ("area,haet\n1,2\n", 'the header: expected only the features area, heat, got "haet"'),
        ("area,\n1,2\n", 'the header: expected only the features area, heat, got ""'),
        ("area,area\n1,2\n", 'the header: expected each column once, got "area" again'),
        ("1,gas\n2,oil\n", 'the header: expected only the features area, heat, got "1"'),
    ],
)
def test_a_header_that_does_not_fit_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        feeds(text)

    assert str(raised.value) == sentence


@pytest.mark.parametrize("text", ["", "\n\r\n", '"', 'area,heat\n1,"gas\n', "area\r1\r", "\ufeff"])
def test_what_is_no_csv_is_malformed(text: str) -> None:
    with pytest.raises(MalformedInputError, match="expected"):
        feeds(text)


def test_bytes_that_are_not_utf_8_are_malformed() -> None:
    with pytest.raises(MalformedInputError, match="expected UTF-8 text"):
        decode_csv(b"area,heat\n1,\xff\n", HOUSE)


def test_of_very_many_misshapen_rows_enough_are_reported() -> None:
    with pytest.raises(InvalidRowsError) as raised:
        feeds("area,heat\n" + "1\n" * (ENOUGH_FAULTS + 1))

    assert len(raised.value.faults) == ENOUGH_FAULTS
