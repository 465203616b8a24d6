"""Predictions have the types of the graph's outputs, under the names of every door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper

from serving.errors import ModelError
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats.parquet_files import opened, read, scored, written

CARD = 'live = 1\n[features]\na = { kind = "number" }\nb = { kind = "number" }\n'
LABELS = CARD + '[outputs.y]\nlabels = ["no", "yes"]\n'


def cast(to: int) -> onnx.ModelProto:
    """x [n, 2] -> y [n, 2], of another type."""
    return graphs.model(
        [helper.make_node("Cast", ["x"], ["y"], to=to)],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("y", to, [None, 2])],
    )


def unforeseen(shape: Sequence[int | str | None]) -> onnx.ModelProto:
    """x [n, 2] -> y, the same, of which nobody knows the shape but whoever declares one."""
    return graphs.model(
        [helper.make_node("Compress", ["x", "kept"], ["y"], axis=1)],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("y", TensorProto.FLOAT, shape)],
        kept=np.array([True, True]),
    )


def squeezed(shape: Sequence[int | str | None] | None) -> onnx.ModelProto:
    """x [n, 2] -> y, the same as long as n > 1; not even its rank is known."""
    return graphs.model(
        [helper.make_node("Squeeze", ["x"], ["y"])],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("y", TensorProto.FLOAT, shape)],
    )


def first() -> onnx.ModelProto:
    """x [n, 2] -> y [n], the first of each row."""
    return graphs.model(
        [
            helper.make_node("Gather", ["x", "place"], ["first"], axis=1),
            helper.make_node("Cast", ["first"], ["y"], to=TensorProto.INT64),
        ],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 2])],
        [graphs.tensor("y", TensorProto.INT64, [None])],
        place=np.array(0),
    )


def predicted(graph: onnx.ModelProto, load_model: LoadModel, card: str | None = None) -> pa.Table:
    """The predictions for the rows (0, 1), (1, 2) and (null, null)."""
    model = load_model(graph, card=card)
    names = [column.name for column in model.columns]
    table = pa.table(
        {name: pa.array([0.0 + place, 1.0 + place, None]) for place, name in enumerate(names)}
    )
    return read(scored(opened(written(table), model))).drop_columns([*names, "error"])


@pytest.mark.parametrize(
    ("to", "kind", "expected"),
    [
        (TensorProto.FLOAT, pa.float32(), [0.0, 1.0]),
        (TensorProto.DOUBLE, pa.float64(), [0.0, 1.0]),
        (TensorProto.FLOAT16, pa.float16(), [0.0, 1.0]),
        (TensorProto.INT64, pa.int64(), [0, 1]),
        (TensorProto.UINT8, pa.uint8(), [0, 1]),
        (TensorProto.BOOL, pa.bool_(), [False, True]),
        (TensorProto.STRING, pa.string(), ["0", "1"]),
    ],
)
def test_every_type_of_tensor_has_its_own(
    to: int, kind: pa.DataType, expected: list[Any], load_model: LoadModel
) -> None:
    output = predicted(cast(to), load_model)

    assert output.schema == pa.schema([("y_0", kind), ("y_1", kind)])
    assert output["y_0"].to_pylist() == [*expected, None]


def test_labels_name_the_columns_of_a_wide_output(load_model: LoadModel) -> None:
    output = predicted(cast(TensorProto.FLOAT), load_model, LABELS)

    assert output.schema == pa.schema([("y_no", pa.float32()), ("y_yes", pa.float32())])
    assert output.to_pylist() == [
        {"y_no": 0.0, "y_yes": 1.0},
        {"y_no": 1.0, "y_yes": 2.0},
        {"y_no": None, "y_yes": None},
    ]


def test_labels_name_classes(load_model: LoadModel) -> None:
    assert predicted(first(), load_model, LABELS).to_pylist() == [
        {"y": "no"},
        {"y": "yes"},
        {"y": None},
    ]


def test_a_row_of_an_open_length_is_a_list(load_model: LoadModel) -> None:
    output = predicted(unforeseen([None, "width"]), load_model)

    assert output.schema.field("y").type.value_type == pa.float32()
    assert output["y"].to_pylist() == [[0.0, 1.0], [1.0, 2.0], None]


def test_a_row_of_an_open_length_with_labels_is_a_map(load_model: LoadModel) -> None:
    output = predicted(unforeseen([None, "width"]), load_model, LABELS)

    assert output["y"].to_pylist() == [
        [("no", 0.0), ("yes", 1.0)],
        [("no", 1.0), ("yes", 2.0)],
        None,
    ]


def test_a_map_for_each_row_is_one(load_model: LoadModel) -> None:
    output = predicted(graphs.classifier(), load_model)

    assert output.schema.types == [pa.string(), pa.map_(pa.string(), pa.float32())]
    assert output.to_pylist() == [
        {"label": "yes", "probabilities": [("no", 0.0), ("yes", 1.0)]},
        {"label": "yes", "probabilities": [("no", 1.0), ("yes", 2.0)]},
        {"label": None, "probabilities": None},
    ]


def test_an_output_of_unknown_rank_is_json(load_model: LoadModel) -> None:
    output = predicted(squeezed(None), load_model)

    assert output["y"].to_pylist() == ["[0.0,1.0]", "[1.0,2.0]", None]


@pytest.mark.parametrize(
    ("shape", "cells"),
    [
        ((None, "a", "b"), [[[1.0], [2.0]], [[3.0], [4.0]]]),
        ((None, "a", "b"), [[[1.0]], [[2.0]]]),
        ((None, 1, 1), [[[1.0]], [[2.0]]]),
        ((None, 2, 0), [[[], []], [[], []]]),
    ],
)
def test_lists_are_as_deep_as_the_output_however_many_elements_are_in_them(
    shape: Sequence[int | str | None], cells: list[Any], load_model: LoadModel
) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, shape))
    table = pa.table({"x": pa.array(cells, pa.list_(pa.list_(pa.float32())))})

    assert read(scored(opened(written(table), model)))["y"].to_pylist() == cells


def test_numbers_that_text_cannot_write_stay_what_they_are(load_model: LoadModel) -> None:
    graph = graphs.model(
        [helper.make_node("Log", ["x"], ["y"])],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 1])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
    )
    table = pa.table({"x": [0.0, -1.0, 1.0]})

    output = read(scored(opened(written(table), load_model(graph))))

    assert str(output["y"].to_pylist()) == "[-inf, nan, 0.0]"
    assert output["error"].to_pylist() == [None, None, None]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [(unforeseen([None, 3]), "[3]"), (squeezed([None, "a", "b"]), "[-1, -1]")],
    ids=["another extent", "another rank"],
)
def test_a_graph_that_answers_with_another_shape_than_it_declares_fails(
    graph: onnx.ModelProto, expected: str, load_model: LoadModel
) -> None:
    with pytest.raises(ModelError) as raised:
        predicted(graph, load_model)

    assert str(raised.value) == f"output 'y': expected rows of shape {expected}, got [2]"


def test_lists_of_nothing_have_a_type_too(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.STRING, (None, "n", "m")))
    table = pa.table({"x": pa.array([[], []], pa.list_(pa.list_(pa.string())))})

    output = read(scored(opened(written(table), model)))

    assert output.schema.field("y").type.value_type.value_type == pa.string()
    assert output["y"].to_pylist() == [[], []]


def test_a_file_of_bad_rows_alone_has_the_same_columns(load_model: LoadModel) -> None:
    model = load_model(graphs.classifier())
    table = pa.table({name: pa.nulls(2) for name in ("X_0", "X_1")})

    output = read(scored(opened(written(table), model)))

    assert output.schema.types[2:] == [
        pa.string(),
        pa.map_(pa.string(), pa.float32()),
        pa.string(),
    ]
    assert output["label"].to_pylist() == [None, None]
