"""A row of a Parquet file gets the bit-same prediction as the same row in every other door."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import parquet_batches
from formats.csv_file import CsvFile
from formats.json_lines_file import JsonLinesFile
from serving.deployment import Deployment
from serving.model import Model
from serving.predictions import as_objects, encode
from serving.shapes import decode
from tests import graphs
from tests.unit.formats import text_files
from tests.unit.formats.parquet_files import opened, read, scored, written
from tests.unit.formats.text_files import MemoryText

MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "linear": lambda: graphs.linear(3),
    "tree": lambda: graphs.boosted_stumps(3),
    "perceptron": lambda: graphs.perceptron(3),
    "sale": graphs.sale,
}

singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
doubles = st.floats(-1e38, 1e38)
# How the cells of a column may be stored, by the tensor's type.
COLUMNS: dict[str, list[tuple[pa.DataType, st.SearchStrategy[Any]]]] = {
    "FP32": [
        (pa.float32(), singles),
        (pa.float64(), doubles),
        (pa.float16(), st.floats(width=16, allow_nan=False, allow_infinity=False)),
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.uint64(), st.integers(0, 2**64 - 1)),
        (pa.int8(), st.integers(-128, 127)),
    ],
    "INT64": [
        (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
        (pa.uint32(), st.integers(0, 2**32 - 1)),
        (pa.float64(), st.integers(-(2**53) + 1, 2**53 - 1).map(float)),
    ],
    "BYTES": [
        (pa.string(), st.text(max_size=6)),
        (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b", ""])),
    ],
}


@pytest.fixture(scope="session", params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory: Path = tmp_path_factory.mktemp("models") / request.param / "1"
    return Model.load(Deployment(graphs.save(MODELS[request.param](), directory), request.param, 1))


def table_of(model: Model, data: st.DataObject) -> pa.Table:
    rows = data.draw(st.integers(1, 12))
    columns = {}
    for column in model.columns:
        kind, cells = data.draw(st.sampled_from(COLUMNS[column.tensor.datatype]))
        drawn = data.draw(st.lists(cells, min_size=rows, max_size=rows))
        columns[column.name] = (
            pa.array(drawn).cast(kind) if pa.types.is_dictionary(kind) else pa.array(drawn, kind)
        )
    return pa.table(columns)


def online(rows: Sequence[dict[str, Any]], model: Model) -> list[dict[str, Any]]:
    instances = decode(orjson.loads(json.dumps({"instances": rows})), model.columns)
    raw = model.predict(instances.feeds(model.columns), instances.rows.length)
    return as_objects(encode(raw, model.outputs))


def bits_of(value: object) -> object:
    """0.0 and -0.0 are equal numbers of different bits."""
    return np.float32(value).tobytes() if isinstance(value, float | np.floating) else value


def bits(rows: Sequence[dict[str, Any]]) -> list[dict[str, object]]:
    return [{name: bits_of(value) for name, value in row.items()} for row in rows]


@given(st.data())
def test_a_row_has_the_bit_same_prediction_as_online(model: Model, data: st.DataObject) -> None:
    table = table_of(model, data)
    body = written(table, row_group_size=data.draw(st.integers(1, 12)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_batches, "MAX_ROWS", data.draw(st.integers(1, 5)))
        output = read(scored(opened(body, model)))

    assert output["error"].null_count == len(table)
    predictions = output.drop_columns([*table.column_names, "error"]).to_pylist()
    assert bits(predictions) == bits(online(table.to_pylist(), model))


@given(st.data())
def test_rows_that_lack_a_number_do_not_change_their_neighbours(
    model: Model, data: st.DataObject
) -> None:
    table = table_of(model, data)
    lacking = data.draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table)))
    first = table[0].combine_chunks()
    holed = table.set_column(
        0, table.column_names[0], pa.array(first.to_pylist(), first.type, mask=np.array(lacking))
    )

    output = read(scored(opened(written(holed), model)))
    whole = read(scored(opened(written(table), model)))

    names = output.column_names[table.num_columns : -1]
    assert [error is not None for error in output["error"].to_pylist()] == lacking
    kept = pa.array([not lacks for lacks in lacking])
    assert bits(output.select(names).filter(kept).to_pylist()) == bits(
        whole.select(names).filter(kept).to_pylist()
    )


@pytest.mark.parametrize("model", ["linear", "tree", "perceptron"], indirect=True)
@given(st.data())
def test_a_row_of_numbers_has_the_bit_same_prediction_in_files_of_text(
    model: Model, data: st.DataObject
) -> None:
    table = table_of(model, data)
    rows = table.to_pylist()
    header = ",".join(table.column_names)
    lines = [",".join(map(json.dumps, row.values())) for row in rows]

    output = read(scored(opened(written(table), model)))
    csv = text_files.scored(CsvFile(MemoryText("\n".join([header, *lines]).encode()), model))
    jsonl = text_files.scored(
        JsonLinesFile(MemoryText("\n".join(map(json.dumps, rows)).encode()), model)
    )

    [name] = output.column_names[table.num_columns : -1]
    expected = [bits_of(value) for value in output[name].to_pylist()]
    in_csv = [line.split(",")[-2] for line in csv.decode().splitlines()[1:]]
    in_json_lines = [orjson.loads(line)[name] for line in jsonl.splitlines()]
    assert [bits_of(float(text)) for text in in_csv] == expected
    assert [bits_of(value) for value in in_json_lines] == expected
