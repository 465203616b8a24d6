from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from onnx import TensorProto, helper

from delivery import block
from delivery.block import in_blocks, score_rows
from delivery.csv_format import score_csv
from delivery.json_lines_format import score_json_lines
from delivery.tally import Tally
from serving.errors import Fault, ModelError
from serving.feeds import Rows
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel

REFUSED = "expected a row that the model can predict, got one it fails on"


def test_a_block_ends_with_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "MAX_LINES", 2)

    assert list(in_blocks("abcde", size=len)) == [["a", "b"], ["c", "d"], ["e"]]


def test_a_block_ends_where_its_lines_grow_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "MAX_CHARACTERS", 5)

    blocks = list(in_blocks(["12345", "1", "123456789", "1", "2"], size=len))

    assert blocks == [["12345", "1"], ["123456789"], ["1", "2"]]


def test_no_line_is_read_before_its_block_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "MAX_LINES", 2)
    lines = iter("abcdef")

    first = next(in_blocks(lines, size=len))

    assert (first, next(lines)) == (["a", "b"], "c")


def test_no_lines_make_no_block() -> None:
    assert list(in_blocks([], size=len)) == []


def test_the_first_fault_of_a_row_is_its_fault_and_a_misshapen_row_has_no_other(
    total: Model,
) -> None:
    rows = Rows(4, {"X_0": ["a", 1.0, None, 3.0], "X_1": ["b", 2.0, 2.0, 4.0]})
    misshapen = {2: Fault(2, None, "2 cells", "1")}

    scored = score_rows(rows, misshapen, total)

    assert scored.length == 4
    assert list(scored.good) == [1, 3]
    assert {name: np.asarray(values).tolist() for name, values in scored.values.items()} == {
        "total": [3.0, 7.0]
    }
    assert scored.faults == {0: Fault(0, "X_0", "a number", '"a"')} | misshapen


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

    scored = score_rows(Rows(length, {"text": cells}), {}, parser)

    assert scored.faults == {
        row: Fault(row, None, "a row that the model can predict", "one it fails on")
        for row in refused
    }
    assert [float(value) for value in scored.values.get("number", [])] == [
        float(row) for row in range(length) if row not in refused
    ]


def test_a_csv_row_on_which_the_graph_fails_costs_only_its_own_prediction(parser: Model) -> None:
    output = b"".join(score_csv([b"text\n1\npear\n3\n"], parser, Tally()))

    assert output.decode() == f'text,number,error\n1,1.0,\npear,,"{REFUSED}"\n3,3.0,\n'


def test_a_json_line_on_which_the_graph_fails_costs_only_its_own_prediction(parser: Model) -> None:
    lines = b'{"text":"1"}\n{"text":"pear"}\n{"text":3}\n'

    output = b"".join(score_json_lines([lines], parser, Tally()))

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


def test_a_long_file_is_never_held_as_a_whole(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block, "MAX_LINES", 10)
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        yield b"X_0,X_1\n"
        for _ in range(100):
            read += 1
            yield b"1,2\n"

    scored = score_csv(chunks(), total, Tally())
    seen = [read for _ in scored]

    assert seen == [0, *range(10, 101, 10)]
