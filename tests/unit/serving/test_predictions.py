"""Predictions carry the names and labels that callers see, written as JSON can hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from serving.card import Card, parse_card
from serving.errors import ConfigurationError, ModelError
from serving.predictions import NamedOutput, Raw, Values, as_json, as_objects, encode, named_outputs
from serving.signature import ANY, Signature, Tensor
from tests import graphs
from tests.conftest import LoadModel

SCORE = Tensor("score", "FP32", (ANY, 1))
LABEL = Tensor("label", "INT64", (ANY,))
SHARES = Tensor("shares", "FP32", (ANY, 3))
OPEN = Tensor("open", "FP32", (ANY, ANY))
NAME = Tensor("name", "BYTES", (ANY,))
MAPS = Tensor("maps", "MAP", (ANY,))
GRID = Tensor("grid", "FP32", (ANY, 2, 2))
UNSHAPED = Tensor("unshaped", "FP32", ())

SIGNATURE = Signature((), (SCORE, LABEL, SHARES, OPEN, NAME, MAPS, GRID, UNSHAPED))


def named(outputs: str) -> tuple[NamedOutput, ...]:
    card = parse_card(f"live = 1\n[outputs]\n{outputs}".encode(), source="model.toml")
    return named_outputs(SIGNATURE, card)


def written(output: NamedOutput, values: Raw) -> list[Any]:
    rows = as_objects(encode({output.tensor.name: values}, [output]))
    text = orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)
    return [row[output.name] for row in orjson.loads(text)]


def test_without_a_card_all_outputs_answer_under_their_own_names() -> None:
    outputs = named_outputs(Signature((), (SCORE, LABEL)), Card())

    assert outputs == (NamedOutput("score", SCORE), NamedOutput("label", LABEL))


def test_a_card_chooses_names_and_order() -> None:
    outputs = named(
        """
        class = { tensor = "label", labels = ["no", "yes"] }
        score = {}
        shares = { labels = ["a", "b", "c"] }
        """
    )

    assert outputs == (
        NamedOutput("class", LABEL, ("no", "yes")),
        NamedOutput("score", SCORE),
        NamedOutput("shares", SHARES, ("a", "b", "c")),
    )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "price = {}",
            (
                "price.tensor: expected one of the graph's outputs "
                "score, label, shares, open, name, maps, grid, unshaped, got 'price'"
            ),
        ),
        ("shares = { labels = ['a', 'b'] }", "shares.labels: expected 3 of them, got 2"),
        (
            "score = { labels = ['a'] }",
            (
                "score.labels: expected none, since 'score' is FP32 [-1, 1], "
                "neither a class nor a row of columns"
            ),
        ),
        (
            "name = { labels = ['a'] }",
            (
                "name.labels: expected none, since 'name' is BYTES [-1], "
                "neither a class nor a row of columns"
            ),
        ),
        (
            "maps = { labels = ['a'] }",
            (
                "maps.labels: expected none, since 'maps' is MAP [-1], "
                "neither a class nor a row of columns"
            ),
        ),
        (
            "grid = { labels = ['a', 'b'] }",
            (
                "grid.labels: expected none, since 'grid' is FP32 [-1, 2, 2], "
                "neither a class nor a row of columns"
            ),
        ),
    ],
)
def test_outputs_that_do_not_fit_the_graph_are_named(output: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        named(output)

    assert str(raised.value) == f"model.toml: outputs.{sentence}"


@pytest.mark.parametrize(
    ("tensor", "values", "expected"),
    [
        (SCORE, np.array([[0.1], [2]], np.float32), [0.1, 2.0]),
        (LABEL, np.array([0, 1], np.int64), [0, 1]),
        (SHARES, np.array([[1, 2, 3]], np.float32), [[1.0, 2.0, 3.0]]),
        (GRID, np.array([[[1, 2], [3, 4]]], np.float32), [[[1.0, 2.0], [3.0, 4.0]]]),
        (NAME, np.array(["é", ""], object), ["é", ""]),
        (NAME, np.array([["a"], ["b"]], object), ["a", "b"]),
        (NAME, np.array([["a", "b"]], object), [["a", "b"]]),
        (LABEL, np.array([True, False]), [True, False]),
        (LABEL, np.array([2**64 - 1], np.uint64), [2**64 - 1]),
        (SCORE, np.array([1.5], np.float16), [1.5]),
        (SCORE, np.array([[np.nan], [np.inf], [-np.inf], [1]], np.float32), [None, None, None, 1]),
        (SHARES, np.array([[np.nan, 1]], np.float64), [[None, 1.0]]),
        (MAPS, [{"no": 0.1, "yes": float("nan")}], [{"no": 0.1, "yes": None}]),
        (MAPS, [{0: 0.25, 1: 0.75}], [{"0": 0.25, "1": 0.75}]),
    ],
)
def test_every_kind_of_output_is_written_row_by_row(
    tensor: Tensor, values: Raw, expected: list[Any]
) -> None:
    assert written(NamedOutput(tensor.name, tensor), values) == expected


@pytest.mark.parametrize("dtype", [np.longlong, np.ulonglong])
def test_the_integers_that_onnxruntime_answers_are_written(dtype: type[np.generic]) -> None:
    """Its 64-bit integers are numpy's other ones, which orjson knows in arrays only."""
    values = np.array([2**53 + 1, 0], dtype)

    assert written(NamedOutput("label", LABEL), values) == [2**53 + 1, 0]
    assert written(NamedOutput("shares", SHARES, ("a", "b")), values.reshape(1, 2)) == [
        {"a": 2**53 + 1, "b": 0}
    ]


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.bool_])
@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_a_class_is_called_by_its_label(dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    output = NamedOutput("class", LABEL, ("no", "yes"))

    assert written(output, np.array([1, 0], dtype).reshape(shape)) == ["yes", "no"]


def test_a_wide_output_is_an_object_of_its_labels() -> None:
    output = NamedOutput("shares", SHARES, ("a", "b", "c"))

    rows = written(output, np.array([[0.1, 0.2, 0.7], [1, 0, np.nan]], np.float32))

    assert rows == [{"a": 0.1, "b": 0.2, "c": 0.7}, {"a": 1.0, "b": 0.0, "c": None}]


@pytest.mark.parametrize("got", [2, -1])
def test_a_class_without_a_label_is_the_models_error(got: int) -> None:
    output = NamedOutput("class", LABEL, ("no", "yes"))

    with pytest.raises(ModelError) as raised:
        encode({"label": np.array([0, got])}, [output])

    assert str(raised.value) == f"output 'class': expected a class from 0 to 1, got {got}"


@pytest.mark.parametrize(
    ("tensor", "shape"), [(OPEN, (2, 3)), (OPEN, (3, 2, 2)), (UNSHAPED, (2, 3))]
)
def test_an_open_output_of_another_width_than_its_labels_is_the_models_error(
    tensor: Tensor, shape: tuple[int, ...]
) -> None:
    output = NamedOutput("shares", tensor, ("a", "b"))

    with pytest.raises(ModelError) as raised:
        encode({tensor.name: np.zeros(shape, np.float32)}, [output])

    assert str(raised.value) == (
        f"output 'shares': expected rows of shape [2], one for each label, got {list(shape[1:])}"
    )


def test_an_open_output_as_wide_as_its_labels_is_an_object_of_them() -> None:
    [output] = named("shares = { tensor = 'open', labels = ['a', 'b'] }")

    assert written(output, np.array([[1, 2]], np.float32)) == [{"a": 1.0, "b": 2.0}]


def test_all_outputs_of_a_row_stand_in_one_object() -> None:
    outputs = [NamedOutput("label", LABEL), NamedOutput("score", SCORE)]

    objects = as_objects(
        encode({"score": np.array([[0.5], [1]]), "label": np.array([3, 4])}, outputs)
    )

    assert objects == [{"label": 3, "score": 0.5}, {"label": 4, "score": 1.0}]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@given(st.data())
def test_a_float_is_written_so_that_it_reads_back_as_the_same_bits(
    dtype: type[np.floating[Any]], data: st.DataObject
) -> None:
    largest = float(np.finfo(dtype).max)
    value = data.draw(st.floats(-largest, largest))
    values = np.array([[value]], dtype)

    [read] = written(NamedOutput("score", SCORE), values)

    assert np.array([[read]], dtype).tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, b"0.1"), (16777216, b"16777216.0"), (1e-45, b"1e-45"), (97576.12, b"97576.12")],
)
def test_a_float32_is_written_in_its_shortest_text(value: float, text: bytes) -> None:
    outputs = encode({"score": np.array([[value]], np.float32)}, [NamedOutput("score", SCORE)])

    document = orjson.dumps(as_objects(outputs), option=orjson.OPT_SERIALIZE_NUMPY)

    assert document == b'[{"score":' + text + b"}]"


def test_a_scikit_learn_classifier_answers_label_and_probabilities(load_model: LoadModel) -> None:
    model = load_model(graphs.classifier())

    raw = model.predict({"X": np.array([[0.1, 2], [3, 1]], np.float32)}, 2)

    rows = as_objects(encode(raw, model.outputs))
    assert orjson.loads(orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)) == [
        {"label": "yes", "probabilities": {"no": 0.1, "yes": 2.0}},
        {"label": "no", "probabilities": {"no": 3.0, "yes": 1.0}},
    ]


def test_a_lone_row_is_answered_by_one_prediction(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, (None, 2)))

    raw = model.predict({"x": np.array([[1, np.nan]], np.float32)}, 1)

    rows = as_objects(encode(raw, model.outputs))
    assert orjson.loads(orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)) == [
        {"y": [1.0, None]}
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"price": np.array([0.1, np.nan, 1e30], np.float32), "kind": ["a", 'b"', "%s"]},
        {"100 %": np.array([[1.5, 2], [3, 4]], np.float64), "maps": [{"no": 1.0}, {}]},
        {"é\n": np.array([0.1], np.float16)},
    ],
)
def test_json_text_is_that_of_the_objects(values: dict[str, Values]) -> None:
    texts = as_json(values)

    assert [orjson.loads(text) for text in texts] == orjson.loads(
        orjson.dumps(as_objects(values), option=orjson.OPT_SERIALIZE_NUMPY)
    )
