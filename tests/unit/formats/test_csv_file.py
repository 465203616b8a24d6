from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from delivery.tally import Tally
from formats.csv_file import CsvFile
from formats.errors import BadFileError
from formats.row_file import RowCounts, RowError
from serving.csv_records import MAX_CELL_CHARACTERS
from serving.errors import MalformedInputError
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats import text_files
from tests.unit.formats.text_files import MemoryText, scored_by_spans, set_block_limits

NAMED = """
live = 1
[features]
height = { kind = "number" }
width = { kind = "number" }
"""
PREFIXED = 'live = 1\n[batch]\noutput_prefix = "our_"\n'
TAKEN = "which the prediction adds; rename it, or set batch.output_prefix in model.toml"
MARK = 'live = 1\n[batch]\nlong_rows = "mark"\n'


def scored(text: str, model: Model, tally: Tally | None = None) -> str:
    return text_files.scored(CsvFile(MemoryText(text.encode()), model), tally).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X_0,X_1\n1,2\n3,4\n", "X_0,X_1,total,error\n1,2,3.0,\n3,4,7.0,\n"),
        ("X_0,X_1\n1,2", "X_0,X_1,total,error\n1,2,3.0,"),
        (
            "X_0,X_1\r\n1,2\r\n3,4\n5,6\r",
            "X_0,X_1,total,error\r\n1,2,3.0,\r\n3,4,7.0,\n5,6,11.0,\r",
        ),
        ("\ufeffX_0,X_1\n1,2\n", "\ufeffX_0,X_1,total,error\n1,2,3.0,\n"),
        ('\ufeff"X_0",X_1\n1,2\n', '\ufeff"X_0",X_1,total,error\n1,2,3.0,\n'),
        ("X_1,id,X_0,id\n1,a,2,b\n", "X_1,id,X_0,id,total,error\n1,a,2,b,3.0,\n"),
        ("X_0,X_1,\n1,2,\n", "X_0,X_1,,total,error\n1,2,,3.0,\n"),
        (
            'X_0,note,X_1\n"1","a ""b"",\n\nc", 2 \n1e0,5" pipe,+2\n',
            'X_0,note,X_1,total,error\n"1","a ""b"",\n\nc", 2 ,3.0,\n1e0,5" pipe,+2,3.0,\n',
        ),
        ("X_0,X_1\n\n1,2\n\r\n\n", "X_0,X_1,total,error\n\n1,2,3.0,\n\r\n\n"),
        ("X_0,X_1\n", "X_0,X_1,total,error\n"),
        ("X_0,X_1", "X_0,X_1,total,error"),
    ],
    ids=[
        "plain",
        "no newline at the end",
        "each line keeps its ending",
        "byte order mark",
        "byte order mark before a quote",
        "columns in any order, more of them, and twice the same",
        "a column without a name",
        "quotes, newlines and numbers are left as they were written",
        "blank lines are no rows",
        "header only",
        "header without a newline",
    ],
)
def test_every_input_cell_stays_as_it_came_and_ours_follow(
    text: str, expected: str, total: Model
) -> None:
    assert scored(text, total) == expected


def test_a_bad_row_costs_only_its_own_prediction(total: Model) -> None:
    tally = Tally()

    output = scored("X_0,X_1\n1,2\nx,2\n,2\n1,1e39\n3\n1,nan\n5,6\n", total, tally)

    assert output == (
        "X_0,X_1,total,error\n"
        "1,2,3.0,\n"
        'x,2,,"X_0: expected a number, got ""x"""\n'
        ',2,,"X_0: expected a number, got nothing"\n'
        '1,1e39,,"X_1: expected a number of magnitude up to 3.403e+38, got 1e+39"\n'
        '3,,,"expected 2 cells, got 1"\n'
        '1,nan,,"X_1: expected a number, got ""nan"""\n'
        "5,6,11.0,\n"
    )
    assert tally.rows == RowCounts(total=7, ok=2, bad=5)
    assert tally.errors == [
        RowError(2, "X_0", "a number", '"x"'),
        RowError(3, "X_0", "a number", "nothing"),
        RowError(4, "X_1", "a number of magnitude up to 3.403e+38", "1e+39"),
        RowError(5, None, "2 cells", "1"),
        RowError(6, "X_1", "a number", '"nan"'),
    ]


def test_a_file_of_bad_rows_alone_still_has_all_its_rows(total: Model) -> None:
    assert scored("X_0,X_1\nx,1\n", total) == (
        'X_0,X_1,total,error\nx,1,,"X_0: expected a number, got ""x"""\n'
    )


def test_a_short_row_is_padded_whatever_it_lacks(total: Model) -> None:
    output = scored("X_0,X_1,note,more\n1,2\n1,2,\n", total)

    assert output == (
        "X_0,X_1,note,more,total,error\n"
        '1,2,,,,"expected 4 cells, got 2"\n'
        '1,2,,,,"expected 4 cells, got 3"\n'
    )


def test_a_long_row_makes_a_bad_file_that_names_the_row(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, records=2)

    with pytest.raises(BadFileError) as raised:
        scored("X_0,X_1\n1,2\n\n3,4\n5,6\n7,8,9\n", total)

    assert raised.value.row == 4
    assert str(raised.value) == (
        'expected 2 cells, got 3; quote the cells with commas, or set batch.long_rows = "mark" in '
        "model.toml"
    )


@pytest.mark.parametrize(
    "row", ["1,2\r3", '"1"\r,2', f'1,"{"2" * (MAX_CELL_CHARACTERS + 1)}"'], ids=lambda row: row[:6]
)
def test_what_cannot_be_a_record_makes_a_bad_file_that_names_the_row(
    row: str, total: Model
) -> None:
    with pytest.raises(BadFileError) as raised:
        scored(f"X_0,X_1\n1,2\n\n{row}\n3,4\n", total)

    assert raised.value.row == 2
    assert str(raised.value) == (
        "expected records that end in line feeds, of cells of up to 1048576 characters, got a "
        "carriage return or a longer cell"
    )


def test_what_cannot_be_a_header_makes_a_bad_file(total: Model) -> None:
    with pytest.raises(MalformedInputError, match=r"^line 1: expected records that end in line fe"):
        scored("X_0,X_1\rX_2\n1,2\n", total)


def test_a_carriage_return_in_quotes_is_part_of_its_cell(total: Model) -> None:
    assert scored('X_0,note,X_1\n1,"a\rb",2\r\n3,c,4\n', total) == (
        'X_0,note,X_1,total,error\n1,"a\rb",2,3.0,\r\n3,c,4,7.0,\n'
    )


def test_a_byte_order_mark_within_the_file_is_part_of_its_cell(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, records=1)

    assert scored("X_0,X_1\n\ufeff1,2\n", total) == (
        'X_0,X_1,total,error\n\ufeff1,2,,"X_0: expected a number, got ""\ufeff1"""\n'
    )


def test_a_long_row_is_marked_and_cut_where_the_card_allows_it(load_model: LoadModel) -> None:
    model = load_model(graphs.total(), card=MARK)

    output = scored('X_0,X_1\n1,2\n"3,0",4,5\n5,6\n', model)

    assert output == (
        'X_0,X_1,total,error\n1,2,3.0,\n"3,0",4,,"expected 2 cells, got 3"\n5,6,11.0,\n'
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected a header with the column names, got none"),
        ("\nX_0,X_1\n", "expected a header with the column names, got none"),
        ("\ufeff", "expected a header with the column names, got none"),
        (
            "a,b\n1,2\n",
            "expected the columns X_0, X_1 in the header, got none called X_0, X_1",
        ),
        ("X_0,x_1\n", "expected the columns X_0, X_1 in the header, got none called X_1"),
        ("X_0,X_1,X_1\n", "expected one column 'X_1' in the header, got several"),
        ("X_0,X_1,total\n", f"expected no column named 'total', {TAKEN}"),
        ("X_0,error,X_1\n", f"expected no column named 'error', {TAKEN}"),
    ],
)
def test_a_header_that_does_not_fit_makes_a_bad_file(
    text: str, sentence: str, total: Model
) -> None:
    with pytest.raises(BadFileError) as raised:
        scored(text, total)

    assert str(raised.value) == sentence


def test_a_prefix_keeps_added_names_apart_from_the_files_own(load_model: LoadModel) -> None:
    model = load_model(graphs.total(), card=PREFIXED)

    output = scored("X_0,X_1,total,error\n1,2,3,none\n", model)

    assert output == "X_0,X_1,total,error,our_total,our_error\n1,2,3,none,3.0,\n"
    with pytest.raises(BadFileError, match="expected no column named 'our_error'"):
        scored("X_0,X_1,our_error\n", model)


def test_an_output_that_is_called_as_the_error_is_makes_a_bad_file(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\nerror = { tensor = "total" }\n'
    model = load_model(graphs.total(), card=card)

    with pytest.raises(BadFileError) as raised:
        scored("X_0,X_1\n1,2\n", model)

    assert str(raised.value) == (
        "expected one name for each prediction and for the error, got error, error; rename the "
        "outputs in model.toml"
    )


def test_columns_are_found_by_the_names_of_the_cards_features(load_model: LoadModel) -> None:
    model = load_model(graphs.total(), card=NAMED)

    assert scored("width,height\n1,2\n", model) == "width,height,total,error\n1,2,3.0,\n"


def test_a_wide_output_is_several_columns(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, (None, 2)))

    assert scored("x_0,x_1\n1,2\n3,a\n", model) == (
        'x_0,x_1,y_0,y_1,error\n1,2,1.0,2.0,\n3,a,,,"x_1: expected a number, got ""a"""\n'
    )


def test_the_columns_of_a_wide_output_are_called_by_its_labels(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\ny = { labels = ["no", "yes, sir"] }\n'
    model = load_model(graphs.identity(TensorProto.FLOAT, (None, 2)), card=card)

    assert scored("x_0,x_1\n1,2\n3,4\n", model) == (
        'x_0,x_1,y_no,"y_yes, sir",error\n1,2,1.0,2.0,\n3,4,3.0,4.0,\n'
    )


def test_a_class_is_called_by_its_label_and_a_map_is_json(load_model: LoadModel) -> None:
    model = load_model(graphs.classifier())

    assert scored("X_0,X_1\n1,0.5\n0,2\n", model) == (
        "X_0,X_1,label,probabilities,error\n"
        '1,0.5,no,"{""no"":1.0,""yes"":0.5}",\n'
        '0,2,yes,"{""no"":0.0,""yes"":2.0}",\n'
    )


def test_an_integer_class_takes_its_label(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\nkind = { tensor = "y", labels = ["flat", "house"] }\n'
    model = load_model(graphs.identity(TensorProto.INT64, (None,)), card=card)

    assert scored("x\n1\n0\n", model) == "x,kind,error\n1,house,\n0,flat,\n"


def test_a_class_without_a_label_is_the_fault_of_its_row_alone(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\nkind = { tensor = "y", labels = ["flat", "house"] }\n'
    model = load_model(graphs.identity(TensorProto.INT64, (None,)), card=card)

    assert scored("x\n1\n7\n0\n", model) == (
        'x,kind,error\n1,house,\n7,,"expected a row that the model can predict, got one it fails '
        'on"\n0,flat,\n'
    )


@pytest.mark.parametrize(
    ("cell", "prediction"),
    [
        ("plain", "plain"),
        ('"a,b"', '"a,b"'),
        ('5" pipe', '"5"" pipe"'),
        ('"two\nlines"', '"two\nlines"'),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@sum", "'@sum"),
        ("\tx", "'\tx"),
        ('"\rx"', '"\'\rx"'),
        ("=a,b".join('""'), '"\'=a,b"'),
        ("1", "1"),
        ("null", "null"),
        ("é𝄞", "é𝄞"),
    ],
)
def test_a_predicted_string_is_quoted_and_never_a_formula(
    cell: str, prediction: str, load_model: LoadModel
) -> None:
    model = load_model(graphs.identity(TensorProto.STRING))

    assert scored(f"x,n\n{cell},1\n", model) == f"x,n,y,error\n{cell},1,{prediction},\n"


def test_what_came_as_a_formula_leaves_as_it_came(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT))

    assert scored("x,note\n-1,=1+1\n", model) == "x,note,y,error\n-1,=1+1,-1.0,\n"


def test_a_prediction_that_is_no_number_is_an_empty_cell(load_model: LoadModel) -> None:
    model = load_model(
        graphs.model(
            [helper.make_node("Log", ["x"], ["y"])],
            [graphs.tensor("x", TensorProto.FLOAT, [None, 1])],
            [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
        )
    )

    assert scored("x\n-1\n0\n1\n", model) == "x,y,error\n-1,,\n0,,\n1,0.0,\n"


@pytest.mark.parametrize(
    ("kind", "cells", "predictions"),
    [
        (TensorProto.FLOAT, ["0.1", "16777217", "-0.0"], ["0.1", "16777216.0", "-0.0"]),
        (TensorProto.DOUBLE, ["0.1", "1e300", "2"], ["0.1", "1e+300", "2.0"]),
        (TensorProto.FLOAT16, ["0.1", "65504", "2"], ["0.099975586", "65504.0", "2.0"]),
        (
            TensorProto.INT64,
            ["-9223372036854775808", "3", "3.0"],
            ["-9223372036854775808", "3", "3"],
        ),
        (
            TensorProto.UINT64,
            ["18446744073709551615", "0", "1"],
            ["18446744073709551615", "0", "1"],
        ),
        (TensorProto.BOOL, ["true", "FALSE", "True"], ["true", "false", "true"]),
    ],
)
def test_a_predictions_text_gives_back_its_very_value(
    kind: int, cells: list[str], predictions: list[str], load_model: LoadModel
) -> None:
    model = load_model(graphs.identity(kind))

    output = scored("x\n" + "\n".join(cells), model)

    assert output == "x,y,error\n" + "\n".join(
        f"{cell},{prediction}," for cell, prediction in zip(cells, predictions, strict=True)
    )


def test_a_nested_cell_is_json_and_so_is_its_prediction(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.FLOAT, (None, 2, 2)))

    assert scored('x\n"[[1,2],[3,4.5]]"\n[1]\nzz\n""\n', model) == (
        "x,y,error\n"
        '"[[1,2],[3,4.5]]","[[1.0,2.0],[3.0,4.5]]",\n'
        '[1],,"x: expected an array of shape [2, 2], got an array of 1"\n'
        'zz,,"x: expected an array of shape [2, 2], got ""zz"""\n'
        '"",,"x: expected an array of shape [2, 2], got """""\n'
    )


def test_rows_are_numbered_through_the_blocks(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, records=2)
    tally = Tally()

    output = scored("X_0,X_1\n1,2\n\nx,2\n3,4\n5,x\n", total, tally)

    assert [error.row for error in tally.errors] == [2, 4]
    assert tally.rows == RowCounts(total=4, ok=2, bad=2)
    assert [line.split(",")[2:3] for line in output.splitlines()] == [
        ["total"],
        ["3.0"],
        [],
        [""],
        ["7.0"],
        [""],
    ]


@pytest.mark.parametrize("size_bytes", [1, 20, 2**20])
def test_a_block_without_a_row_passes_through(
    size_bytes: int, total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, size_bytes=size_bytes, records=1)
    tally = Tally()

    assert scored("X_0,X_1\n\n1,2\n\r\n\n", total, tally) == (
        "X_0,X_1,total,error\n\n1,2,3.0,\n\r\n\n"
    )
    assert tally.rows == RowCounts(total=1, ok=1, bad=0)


written = st.text(st.sampled_from('ab,"\n\r 1.=-é'), max_size=5).map(
    lambda text: '"' + text.replace('"', '""') + '"'
)
numbers = st.one_of(st.floats(-1e6, 1e6).map(repr), st.integers(-99, 99).map(str), st.just("bad"))
rows = st.lists(st.tuples(written, numbers, written, numbers), max_size=8)


@settings(max_examples=50)
@given(rows, st.sampled_from(["\n", "\r\n"]), st.integers(1, 200), st.integers(1, 5))
def test_another_reader_finds_the_same_rows_with_ours_behind_them(
    total: Model, rows: list[tuple[str, ...]], ending: str, size_bytes: int, most: int
) -> None:
    text = "".join(",".join(row) + ending for row in [("a", "X_0", "b", "X_1"), *rows])

    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes, records=most)
        output = scored(text, total)

    before = list(csv.reader(io.StringIO(text, newline="")))
    after = list(csv.reader(io.StringIO(output, newline="")))
    assert [row[:4] for row in after] == before
    assert after[0][4:] == ["total", "error"]
    assert [added(*row[4:]) for row in after[1:]] == [total_of(row[1], row[3]) for row in rows]


def added(prediction: str, error: str) -> tuple[np.float32 | None, str]:
    return (np.float32(prediction) if prediction else None), error


def total_of(first: str, second: str) -> tuple[np.float32 | None, str]:
    for name, cell in [("X_0", first), ("X_1", second)]:
        if cell == "bad":
            return None, f'{name}: expected a number, got "bad"'
    return np.float32(first) + np.float32(second), ""


line_endings = st.sampled_from(["\n", "\r\n", "\n\n", "\r\r\n"])
lines = st.lists(
    st.builds("{}{}".format, st.tuples(*4 * [written | numbers]).map(",".join), line_endings),
    max_size=10,
)


@settings(max_examples=50)
@given(st.sampled_from(["", "\ufeff"]), lines, st.integers(1, 200), st.integers(1, 80))
def test_spans_give_what_the_file_gives_in_one_go(
    total: Model, mark: str, lines: list[str], size_bytes: int, span_bytes: int
) -> None:
    text = f'{mark}"a",X_0,"b\r\n",X_1\r\n' + "".join(lines) + '"",1,"\n",2'
    file = CsvFile(MemoryText(text.encode()), total)
    in_one_go, by_spans = Tally(), Tally()
    expected = text_files.scored(file, in_one_go)

    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes)
        found = scored_by_spans(file, list(file.spans(span_bytes)), by_spans)

    assert found == expected
    assert expected.endswith(b'"",1,"\n",2,3.0,')
    assert (by_spans.rows, by_spans.errors) == (in_one_go.rows, in_one_go.errors)
