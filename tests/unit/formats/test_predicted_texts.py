"""Predictions are written as the online door writes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from formats.predicted_texts import csv_texts, json_texts
from serving.card import Card
from serving.csv_predictions import csv_columns
from serving.predictions import NamedOutput, Values, as_objects
from serving.signature import ANY, Tensor

floats = st.sampled_from([np.float16, np.float32, np.float64])
shapes = st.sampled_from([(), (1,), (3,), (2, 2), (0,)])


@st.composite
def arrays_of_rows(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    shape = (draw(st.integers(1, 5)), *draw(shapes))
    return draw(arrays.arrays(draw(floats), shape))


def output_of(values: Values) -> NamedOutput:
    shape = values.shape[1:] if isinstance(values, np.ndarray) else ()
    return NamedOutput("y", Tensor("y", "FP32", (ANY, *shape)))


def csv_rows(values: Values) -> list[str]:
    texts = csv_texts({"y": values}, [output_of(values)], Card())
    return [text.decode() for text in texts.to_pylist()]


@given(arrays_of_rows())
def test_numbers_are_written_as_the_online_door_writes_them(values: np.ndarray[Any, Any]) -> None:
    columns = csv_columns({"y": values}, [output_of(values)])

    assert csv_rows(values) == [
        "".join(f"{cell}," for cell in row) for row in zip(*columns, strict=True)
    ]


@given(arrays_of_rows())
def test_members_are_written_as_orjson_writes_objects(values: np.ndarray[Any, Any]) -> None:
    objects = [
        orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in as_objects({"y": values})
    ]

    assert [b"{%b}" % text[:-1] for text in json_texts({"y": values}, {"y": "y"}).to_pylist()] == (
        objects
    )


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (np.array([1.5, np.nan], np.float32), ["1.5,", ","]),
        (np.array([[1, np.inf], [0.1, 3]], np.float32), ["1.0,,", "0.1,3.0,"]),
        ([1, -(2**63)], ["1,", "-9223372036854775808,"]),
        ([True, False], ["true,", "false,"]),
        (["a", "b,c"], ["a,", '"b,c",']),
        ([{"a": np.float32(0.1)}], ['"{""a"":0.1}",']),
    ],
)
def test_cells_end_in_a_comma(values: Values, texts: list[str]) -> None:
    assert csv_rows(values) == texts


def test_outputs_stand_side_by_side() -> None:
    values: dict[str, Values] = {"a": np.array([1.0, 2.0]), "b": ["x", "y"]}
    outputs = [NamedOutput(name, Tensor(name, "FP64", (ANY,))) for name in ("b", "a")]

    assert csv_texts(values, outputs, Card()).to_pylist() == [b"x,1.0,", b"y,2.0,"]
    assert json_texts(values, {"b": 'p"b', "a": "pa"}).to_pylist() == [
        b'"p\\"b":"x","pa":1.0,',
        b'"p\\"b":"y","pa":2.0,',
    ]
