"""Parquet in, Parquet out: every column carried along, predictions and `error` behind them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper

from formats import parquet_feeds
from formats.errors import BadFileError
from formats.row_file import RowCounts, RowError, Span
from serving.features import Column
from serving.feeds import Filled, Rows, fill
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats.parquet_files import opened, read, scored, written

TOO_LARGE = "a number of magnitude up to 3.403e+38"
PREFIXED = 'live = 1\n[batch]\noutput_prefix = "our_"\n'
UNFIT = "expected booleans, integers, floats, strings or lists of them"
TAKEN = "which the prediction adds; rename it, or set batch.output_prefix in model.toml"


def test_predictions_and_errors_follow_the_columns_of_the_file(total: Model) -> None:
    table = pa.table({"X_1": [2.0, 2.0, 2.0], "id": ["a", "b", "c"], "X_0": [1.0, None, 3.0]})

    output = read(scored(opened(written(table), total)))

    error = "X_0: expected a number, got null"
    expected = table.append_column("total", pa.array([3.0, None, 5.0], pa.float32()))
    assert output == expected.append_column("error", pa.array([None, error, None], pa.string()))


def test_a_bad_row_costs_only_its_own_prediction(total: Model) -> None:
    table = pa.table(
        {
            "X_0": [1.0, float("nan"), float("-inf"), 1e39, None, None, 0.5],
            "X_1": [1.0, None, 1.0, 1.0, 1.0, float("nan"), 0.25],
        }
    )
    file = opened(written(table), total)

    [block] = file.blocks(Span(0, None))
    result = file.score(block)

    assert result.rows == RowCounts(total=7, ok=2, bad=5)
    assert result.errors == (
        RowError(2, "X_1", "a number", "null"),
        RowError(3, "X_0", TOO_LARGE, "-inf"),
        RowError(4, "X_0", TOO_LARGE, "1e+39"),
        RowError(5, "X_0", "a number", "null"),
        RowError(6, "X_0", "a number", "null"),
    )
    assert result.data["total"].to_pylist() == [2.0, None, None, None, None, None, 0.75]


def test_cells_follow_the_rules_of_every_door(load_model: LoadModel) -> None:
    model = load_model(graphs.sale())
    table = pa.table(
        {
            "area": pa.array([True, False], pa.bool_()),
            "rooms": pa.array([1.5, 2.0]),
            "kind": pa.array(["flat", None]),
        }
    )
    file = opened(written(table), model)

    [block] = file.blocks(Span(0, None))

    assert file.score(block).errors == (
        RowError(1, "area", "a number", "true"),
        RowError(2, "area", "a number", "false"),
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pa.array([2**53 + 1, -(2**63)]), [2**53 + 1, -(2**63)]),
        (pa.array([7, 8], pa.uint8()), [7, 8]),
        (pa.array([2.0, 2.5]), [2, None]),
        (pa.array([2**64 - 1, 3], pa.uint64()), [None, 3]),
        (pa.array(["1", "2"]), [None, None]),
        (pa.array([True, False]), [None, None]),
        (pa.nulls(2), [None, None]),
    ],
    ids=["int64", "uint8", "double", "uint64", "string", "bool", "null"],
)
def test_integers_are_exact(
    cells: pa.Array, expected: list[int | None], load_model: LoadModel
) -> None:
    model = load_model(graphs.identity(TensorProto.INT64))

    output = read(scored(opened(written(pa.table({"x": cells})), model)))

    assert output["y"].type == pa.int64()
    assert output["y"].to_pylist() == expected


@pytest.mark.parametrize(
    "cells",
    [
        pa.array(["a", "b", "a"]),
        pa.array(["a", "b", "a"], pa.large_string()),
        pa.array(["a", "b", "a"], pa.string_view()),
        pa.array(["a", "b", "a"]).dictionary_encode(),
    ],
    ids=str,
)
def test_texts_are_features_however_they_are_stored(cells: pa.Array, load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.STRING))

    output = read(scored(opened(written(pa.table({"x": cells})), model)))

    assert output["y"].to_pylist() == ["a", "b", "a"]


def test_lists_are_features_of_tensors(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, (None, 2, 2)))
    cells = [[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0]], None, [[1.0, 2.0], [3.0, None]]]
    table = pa.table({"x": pa.array(cells, pa.list_(pa.list_(pa.float32())))})

    output = read(scored(opened(written(table), model)))

    assert output["y"].type == pa.list_(
        pa.field("element", pa.list_(pa.field("element", pa.float32())))
    )
    assert output["y"].to_pylist() == [cells[0], None, None, None]
    assert output["error"].to_pylist() == [
        None,
        "x: expected an array of shape [2, 2], got an array of 1",
        "x: expected an array of shape [2, 2], got null",
        "x: expected every element to be a number, got an array of 2",
    ]


def test_numbers_are_not_made_objects_but_where_a_row_lacks_one(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[Rows] = []

    def watched(rows: Rows, columns: Sequence[Column]) -> Filled:
        filled.append(rows)
        return fill(rows, columns)

    monkeypatch.setattr(parquet_feeds, "fill", watched)
    table = pa.table({"X_0": [1.0, None, 3.0], "X_1": [1, 2, None]})

    scored(opened(written(table), total))

    assert [{name: type(cells) for name, cells in rows.cells.items()} for rows in filled] == [
        {"X_0": np.ndarray, "X_1": np.ndarray},
        {"X_0": list, "X_1": list},
    ]


def test_open_extents_are_those_of_the_first_row_whatever_numbers_a_row_lacks(
    load_model: LoadModel,
) -> None:
    graph = graphs.model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [
            graphs.tensor("x", TensorProto.FLOAT, [None, "n"]),
            graphs.tensor("z", TensorProto.FLOAT, [None, 1]),
        ],
        [graphs.tensor("y", TensorProto.FLOAT, [None, "n"])],
    )
    table = pa.table({"x": [[1.0], [1.0, 2.0], [3.0]], "z": [None, 1.0, 2.0]})

    output = read(scored(opened(written(table), load_model(graph))))

    assert output["y"].to_pylist() == [None, None, [3.0]]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (pa.table({"a": [1.0]}), "expected the columns X_0, X_1, got none called X_0, X_1"),
        (
            pa.table({"X_0": [1.0], "x_1": [1.0]}),
            "expected the columns X_0, X_1, got none called X_1",
        ),
        (
            pa.table([pa.array([1.0])] * 3, ["X_0", "X_1", "X_0"]),
            "expected one column 'X_0', got several",
        ),
        (
            pa.table({"X_0": [1.0], "X_1": [1.0], "total": ["a"]}),
            f"expected no column named 'total', {TAKEN}",
        ),
        (
            pa.table({"X_0": [1.0], "X_1": [1.0], "error": ["a"]}),
            f"expected no column named 'error', {TAKEN}",
        ),
        (
            pa.table({"X_0": [1.0], "X_1": [Decimal("1.50")]}),
            f"column 'X_1': {UNFIT}, got decimal128(3, 2); cast it, decimals to double",
        ),
        (
            pa.table({"X_0": [1.0], "X_1": pa.array([1]).cast(pa.timestamp("us"))}),
            f"column 'X_1': {UNFIT}, got timestamp[us]; cast it, decimals to double",
        ),
    ],
    ids=["no columns", "another case", "twice", "taken", "taken by error", "decimal", "timestamp"],
)
def test_a_file_with_other_columns_is_bad_and_says_which(
    table: pa.Table, sentence: str, total: Model
) -> None:
    with pytest.raises(BadFileError) as raised:
        opened(written(table), total)

    assert str(raised.value) == sentence


def test_a_prefix_keeps_names_apart(load_model: LoadModel) -> None:
    table = pa.table({"X_0": [1.0], "X_1": [2.0], "total": ["mine"], "error": ["mine"]})

    output = read(scored(opened(written(table), load_model(graphs.total(), card=PREFIXED))))

    assert output.select(["total", "error", "our_total", "our_error"]).to_pylist() == [
        {"total": "mine", "error": "mine", "our_total": 3.0, "our_error": None}
    ]


def test_text_that_is_not_utf_8_makes_a_bad_file_only_where_it_is_needed(
    load_model: LoadModel,
) -> None:
    model = load_model(graphs.identity(TensorProto.STRING))
    broken = pa.array([b"\xff"]).view(pa.string())
    carried = pa.table({"x": ["a"], "note": broken})

    output = read(scored(opened(written(carried), model)))

    assert output["note"].cast(pa.binary()).to_pylist() == [b"\xff"]
    with pytest.raises(BadFileError, match=r"^column 'x': expected UTF-8 text, got other bytes$"):
        scored(opened(written(pa.table({"x": broken})), model))


@pytest.mark.parametrize("row_groups", [0, 1])
def test_a_file_without_rows_has_an_output_without_rows(row_groups: int, total: Model) -> None:
    schema = pa.schema([("X_0", pa.float32()), ("X_1", pa.float64())])
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, schema) as writer:
        for _ in range(row_groups):
            writer.write_table(schema.empty_table())
    file = opened(sink.getvalue(), total)

    output = read(scored(file))

    assert [*file.spans(1)] == [Span(0, None)]
    assert output.schema.names == ["X_0", "X_1", "total", "error"]
    assert output.num_rows == 0
