"""The same row gets the bit-same prediction online and in a file, wherever in it it stands."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.csv_file import CsvFile
from formats.json_lines_file import JsonLinesFile
from serving.deployment import Deployment
from serving.model import Model
from serving.predictions import as_objects, encode
from serving.shapes import decode
from tests import graphs
from tests.unit.formats.text_files import MemoryText, scored, set_block_limits

Row = dict[str, Any]
Quoting = Literal[0, 1]
QUOTINGS: tuple[Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
MODELS: dict[str, Callable[[], Any]] = {
    "linear": lambda: graphs.linear(3),
    "tree": lambda: graphs.boosted_stumps(3),
    "perceptron": lambda: graphs.perceptron(3),
    "sale": graphs.sale,
    "classifier": graphs.classifier,
}

numbers = (
    st.floats(width=32, allow_nan=False, allow_infinity=False)
    | st.floats(-1e38, 1e38)
    | st.integers(-(2**70), 2**70)
)
integers = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.sampled_from("ab,\"'\n é𝄞\x00=-"), max_size=6)
CELLS = {"FP32": numbers, "INT64": integers, "BYTES": texts}


@pytest.fixture(scope="session", params=MODELS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    directory: Path = tmp_path_factory.mktemp("models") / request.param / "1"
    return Model.load(Deployment(graphs.save(MODELS[request.param](), directory), request.param, 1))


def rows_of(model: Model) -> st.SearchStrategy[list[Row]]:
    row = st.fixed_dictionaries({c.name: CELLS[c.tensor.datatype] for c in model.columns})
    return st.lists(row, min_size=1, max_size=12)


def online(rows: Sequence[Row], model: Model) -> list[Row]:
    instances = decode(orjson.loads(json.dumps({"instances": rows})), model.columns)
    raw = model.predict(instances.feeds(model.columns), instances.rows.length)
    answer = orjson.dumps(as_objects(encode(raw, model.outputs)), option=orjson.OPT_SERIALIZE_NUMPY)
    return list(orjson.loads(answer))


def from_json_lines(rows: Sequence[Row], model: Model) -> list[Row]:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    written = scored(JsonLinesFile(MemoryText(lines.encode()), model))
    names = [output.name for output in model.outputs]
    found = [orjson.loads(line) for line in written.splitlines()]
    assert [row["error"] for row in found] == [None] * len(rows)
    return [{name: row[name] for name in names} for row in found]


def from_csv(rows: Sequence[Row], model: Model, quoting: Quoting) -> list[Row]:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [c.name for c in model.columns], quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    written = scored(CsvFile(MemoryText(file.getvalue().encode()), model)).decode()
    found = list(csv.DictReader(io.StringIO(written, newline="")))
    assert [row["error"] for row in found] == [""] * len(rows)
    types = {output.name: output.tensor.datatype for output in model.outputs}
    return [{name: value_of(row[name], types[name]) for name in types} for row in found]


def value_of(cell: str, datatype: str) -> object:
    if datatype == "BYTES":
        return cell
    return orjson.loads(cell) if cell else None


def without_formulas(predictions: Sequence[Row]) -> list[Row]:
    """As a CSV file has them: strings that would run begin with an apostrophe."""
    return [
        {
            name: f"'{value}" if str(value)[:1] in {*"=+-@"} and isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in predictions
    ]


@settings(deadline=None)
@given(st.data())
def test_a_row_has_the_bit_same_prediction_in_every_door(model: Model, data: st.DataObject) -> None:
    rows = data.draw(rows_of(model))

    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, records=data.draw(st.integers(1, 5)))
        lines = from_json_lines(rows, model)
        table = from_csv(rows, model, data.draw(st.sampled_from(QUOTINGS)))

    # As text: 0.0 and -0.0 are equal numbers of different bits.
    expected = online(rows, model)
    assert str(lines) == str(expected)
    assert str(table) == str(without_formulas(expected))


@settings(deadline=None)
@given(st.data())
def test_a_row_has_the_bit_same_prediction_alone_and_in_company(
    model: Model, data: st.DataObject
) -> None:
    rows = data.draw(rows_of(model))

    alone = [prediction for row in rows for prediction in online([row], model)]

    assert str(alone) == str(online(rows, model))


@settings(deadline=None)
@given(st.data())
def test_bad_neighbours_do_not_change_a_prediction(model: Model, data: st.DataObject) -> None:
    rows = data.draw(rows_of(model))
    lines = [json.dumps(row) for row in rows]
    for place in data.draw(st.lists(st.integers(0, len(rows)), max_size=4)):
        lines.insert(place, data.draw(st.sampled_from(["{}", "[]", "not JSON", '"text"'])))

    written = scored(JsonLinesFile(MemoryText("\n".join(lines).encode()), model))

    found = [orjson.loads(line) for line in written.splitlines()]
    names = [output.name for output in model.outputs]
    good = [{name: row[name] for name in names} for row in found if row["error"] is None]
    assert str(good) == str(online(rows, model))
    assert len(found) == len(lines)
