from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from formats.block import score_rows
from formats.csv_file import CsvFile
from formats.json_lines_file import JsonLinesFile
from formats.row_file import MAX_ERRORS, RowCounts, RowError
from serving.errors import Fault, ModelError
from serving.feeds import Rows
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats.text_files import MemoryText, scored

REFUSED = "expected a row that the model can predict, got one it fails on"


def test_the_first_fault_of_a_row_is_its_fault_and_a_misshapen_row_has_no_other(
    total: Model,
) -> None:
    rows = Rows(4, {"X_0": ["a", 1.0, None, 3.0], "X_1": ["b", 2.0, 2.0, 4.0]})
    misshapen = {2: Fault(2, None, "2 cells", "1")}

    block = score_rows(rows, misshapen, total)

    assert block.length == 4
    assert list(block.good) == [1, 3]
    assert {name: np.asarray(values).tolist() for name, values in block.values.items()} == {
        "total": [3.0, 7.0]
    }
    assert block.faults == {0: Fault(0, "X_0", "a number", '"a"')} | misshapen


@pytest.mark.parametrize("length", [1, 2, 5, 64])
@pytest.mark.parametrize("place", ["first", "last", "every second", "every"])
def test_rows_on_which_the_graph_fails_cost_only_their_own_predictions(
    length: int, place: str, parser: Model
) -> None:
    refused = {
        "first": {0},
        "last": {length - 1},
        "every second": {*range(0, length, 2)},
        "every": {*range(length)},
    }[place]
    cells = ["pear" if row in refused else str(row) for row in range(length)]

    block = score_rows(Rows(length, {"text": cells}), {}, parser)

    assert block.faults == {
        row: Fault(row, None, "a row that the model can predict", "one it fails on")
        for row in refused
    }
    assert [float(value) for value in block.values.get("number", [])] == [
        float(row) for row in range(length) if row not in refused
    ]


def test_a_csv_row_on_which_the_graph_fails_costs_only_its_own_prediction(parser: Model) -> None:
    output = scored(CsvFile(MemoryText(b"text\n1\npear\n3\n"), parser))

    assert output.decode() == f'text,number,error\n1,1.0,\npear,,"{REFUSED}"\n3,3.0,\n'


def test_a_json_line_on_which_the_graph_fails_costs_only_its_own_prediction(parser: Model) -> None:
    lines = b'{"text":"1"}\n{"text":"pear"}\n{"text":3}\n'

    output = scored(JsonLinesFile(MemoryText(lines), parser))

    assert output.decode() == (
        '{"text":"1","number":1.0,"error":null}\n'
        f'{{"text":"pear","number":null,"error":"{REFUSED}"}}\n'
        '{"text":3,"number":null,"error":"text: expected a string, got 3"}\n'
    )


def test_a_graph_that_fails_on_rows_only_together_raises(load_model: LoadModel) -> None:
    first_two_rows = graphs.model(
        [helper.make_node("Slice", ["x", "start", "end"], ["y"])],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 1])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
        start=np.array([0], np.int64),
        end=np.array([2], np.int64),
    )
    model = load_model(first_two_rows)

    with pytest.raises(ModelError):
        score_rows(Rows(3, {"x": [1.0, 2.0, 3.0]}), {}, model)


def test_the_errors_of_a_block_are_its_first_ones_numbered_from_one(total: Model) -> None:
    cells = ["a" if row % 2 else 1.0 for row in range(MAX_ERRORS * 3)]

    block = score_rows(Rows(len(cells), {"X_0": cells, "X_1": cells}), {}, total)

    half = len(cells) // 2
    assert block.counts == RowCounts(total=len(cells), ok=half, bad=half)
    assert block.errors == tuple(
        RowError(row, "X_0", "a number", '"a"') for row in range(2, 2 * MAX_ERRORS + 1, 2)
    )
