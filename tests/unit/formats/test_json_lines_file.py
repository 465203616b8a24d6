from __future__ import annotations

import io

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from delivery.tally import Tally
from formats.errors import BadFileError
from formats.json_lines_file import JsonLinesFile
from formats.row_file import RowCounts, RowError
from serving.errors import MalformedInputError
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats import text_files
from tests.unit.formats.text_files import MemoryText, scored_by_spans, set_block_limits

PREFIXED = 'live = 1\n[batch]\noutput_prefix = "our_"\n'


def scored(text: str, model: Model, tally: Tally | None = None) -> str:
    return text_files.scored(JsonLinesFile(MemoryText(text.encode()), model), tally).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"X_0":1,"X_1":2}\n', '{"X_0":1,"X_1":2,"total":3.0,"error":null}\n'),
        ('{"X_0":1,"X_1":2}', '{"X_0":1,"X_1":2,"total":3.0,"error":null}'),
        ('{"X_0":1,"X_1":2}\r\n', '{"X_0":1,"X_1":2,"total":3.0,"error":null}\r\n'),
        (
            ' { "X_1" : 2.50, "X_0" : 1e0 } \t\r\n',
            ' { "X_1" : 2.50, "X_0" : 1e0 ,"total":3.5,"error":null} \t\r\n',
        ),
        (
            '{"X_0":1,"a":{"b":"}"},"X_1":2,"c":"{\\"}"}\n',
            '{"X_0":1,"a":{"b":"}"},"X_1":2,"c":"{\\"}","total":3.0,"error":null}\n',
        ),
        (
            '{"X_0":1,"X_1":2,"id":123456789012345678901234567890,"id":1.10}\n',
            '{"X_0":1,"X_1":2,"id":123456789012345678901234567890,"id":1.10,"total":3.0,"error":null}\n',
        ),
        ('\ufeff{"X_0":1,"X_1":2}\n', '\ufeff{"X_0":1,"X_1":2,"total":3.0,"error":null}\n'),
        ("\n \t\n\r\n", "\n \t\n\r\n"),
        ("", ""),
    ],
    ids=[
        "plain",
        "no newline at the end",
        "CRLF",
        "spaces stay",
        "braces in strings and in nested objects",
        "numbers and repeated names stay as they were written",
        "byte order mark",
        "blank lines are no rows",
        "nothing",
    ],
)
def test_an_object_is_extended_before_its_last_brace_and_else_left_as_it_came(
    text: str, expected: str, total: Model
) -> None:
    assert scored(text, total) == expected


def test_a_bad_row_costs_only_its_own_prediction(total: Model) -> None:
    tally = Tally()

    output = scored(
        '{"X_0":1,"X_1":2}\n{}\n{"X_0":"1","X_1":2}\n{"X_0":null,"X_1":true}\n{"X_0":3,"X_1":4}\n',
        total,
        tally,
    )

    assert output == (
        '{"X_0":1,"X_1":2,"total":3.0,"error":null}\n'
        '{"total":null,"error":"X_0: expected a number, got nothing"}\n'
        '{"X_0":"1","X_1":2,"total":null,"error":"X_0: expected a number, got \\"1\\""}\n'
        '{"X_0":null,"X_1":true,"total":null,"error":"X_0: expected a number, got null"}\n'
        '{"X_0":3,"X_1":4,"total":7.0,"error":null}\n'
    )
    assert tally.rows == RowCounts(total=5, ok=2, bad=3)
    assert tally.errors == [
        RowError(2, "X_0", "a number", "nothing"),
        RowError(3, "X_0", "a number", '"1"'),
        RowError(4, "X_0", "a number", "null"),
    ]


@pytest.mark.parametrize(
    ("line", "extended"),
    [
        (
            " [18446744073709551617]",
            '{"input": [18446744073709551617],"error":"expected a JSON object, got an array of 1"}',
        ),
        ("5.10", '{"input":5.10,"error":"expected a JSON object, got 5.1"}'),
        ("null", '{"input":null,"error":"expected a JSON object, got null"}'),
        ('"a}"', '{"input":"a}","error":"expected a JSON object, got \\"a}\\""}'),
        (
            "\ufeff7",
            '{"input":7,"error":"expected a JSON object, got 7"}',
        ),
    ],
)
def test_a_line_that_is_no_object_becomes_one_that_holds_it(
    line: str, extended: str, total: Model
) -> None:
    output = scored(f'{line}\r\n{{"X_0":1,"X_1":2}}\n', total)

    assert output == extended + '\r\n{"X_0":1,"X_1":2,"total":3.0,"error":null}\n'


@pytest.mark.parametrize(
    ("line", "as_json"),
    [
        ('{"X_0":1,}', '"{\\"X_0\\":1,}"'),
        ('{"X_0":NaN}', '"{\\"X_0\\":NaN}"'),
        ("a\\b\x7f", '"a\\\\b\x7f"'),
        ('{"X_0":1}{"X_1":2}', '"{\\"X_0\\":1}{\\"X_1\\":2}"'),
    ],
)
def test_a_line_that_is_not_json_becomes_an_object_that_holds_its_text(
    line: str, as_json: str, total: Model
) -> None:
    assert scored(f'{line}\n{{"X_0":1,"X_1":2}}\n', total) == (
        f'{{"input":{as_json},"error":"expected a JSON object, got text that is not JSON"}}\n'
        '{"X_0":1,"X_1":2,"total":3.0,"error":null}\n'
    )


@pytest.mark.parametrize(
    "member", ['"total":1', '"error":null', '"\\u0065rror":1', '"error":1,"total":2']
)
def test_a_name_that_the_prediction_adds_makes_a_bad_file_that_names_it(
    member: str, total: Model
) -> None:
    name = next(name for name in ["total", "error"] if name in orjson.loads(f"{{{member}}}"))

    with pytest.raises(BadFileError) as raised:
        scored(f'{{"X_0":1,"X_1":2}}\n\n{{{member}}}\n', total)

    assert raised.value.row == 2
    assert str(raised.value) == (
        f"expected no member named {name!r}, which the prediction adds; rename it, or set "
        "batch.output_prefix in model.toml"
    )


def test_a_collision_names_the_row_within_the_file(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, records=2)

    with pytest.raises(BadFileError, match=r"^expected no member named 'total'") as raised:
        scored('{"X_0":1,"X_1":2}\n[]\n\n{}\n{"total":1}\n{"error":1}\n', total)

    assert raised.value.row == 4


def test_a_nested_member_of_that_name_is_no_collision(total: Model) -> None:
    output = scored('{"X_0":1,"X_1":2,"a":{"error":1}}', total)

    assert output == '{"X_0":1,"X_1":2,"a":{"error":1},"total":3.0,"error":null}'


def test_a_prefix_keeps_added_names_apart_from_the_files_own(load_model: LoadModel) -> None:
    model = load_model(graphs.total(), card=PREFIXED)

    output = scored('{"X_0":1,"X_1":2,"error":3}\n{"X_0":1}\n[]\n', model)

    assert output == (
        '{"X_0":1,"X_1":2,"error":3,"our_total":3.0,"our_error":null}\n'
        '{"X_0":1,"our_total":null,"our_error":"X_1: expected a number, got nothing"}\n'
        '{"input":[],"error":"expected a JSON object, got an array of 0"}\n'
    )


def test_an_output_that_is_called_as_the_error_is_makes_a_bad_file(load_model: LoadModel) -> None:
    card = 'live = 1\n[outputs]\nerror = { tensor = "total" }\n'
    model = load_model(graphs.total(), card=card)

    with pytest.raises(BadFileError, match=r"got error, error; rename the outputs in model.toml"):
        scored('{"X_0":1,"X_1":2}\n', model)


def test_labels_maps_and_nested_arrays_are_json(load_model: LoadModel) -> None:
    classes = load_model(graphs.classifier(), name="classes")
    nested = load_model(graphs.identity(TensorProto.INT32, (None, 2, 2)), name="nested")

    assert scored('{"X_0":1,"X_1":0.5}\n', classes) == (
        '{"X_0":1,"X_1":0.5,"label":"no","probabilities":{"no":1.0,"yes":0.5},"error":null}\n'
    )
    assert scored('{"x":[[1,2],[3,4]]}\n{"x":[7]}\n', nested) == (
        '{"x":[[1,2],[3,4]],"y":[[1,2],[3,4]],"error":null}\n'
        '{"x":[7],"y":null,"error":"x: expected an array of shape [2, 2], got an array of 1"}\n'
    )


def test_rows_are_numbered_through_the_blocks(
    total: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, records=2)
    tally = Tally()

    scored('{"X_0":1,"X_1":2}\n\n{}\n[]\n{"X_0":1,"X_1":2}\n{}\n', total, tally)

    assert [error.row for error in tally.errors] == [2, 3, 5]
    assert tally.rows == RowCounts(total=5, ok=2, bad=3)


def test_text_that_is_not_utf_8_makes_a_bad_file(total: Model) -> None:
    with pytest.raises(MalformedInputError, match="expected UTF-8 text"):
        text_files.scored(JsonLinesFile(MemoryText(b'{"X_0":1,"X_1":2}\n\xff\n'), total))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(-1e9, 1e9)
    | st.text(st.sampled_from('a"}{\\\né'), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["", "error", "}"]), inner, max_size=3)
    ),
    max_leaves=6,
)
numbers = st.floats(-1e6, 1e6) | st.integers(-99, 99) | st.just("bad")
objects = st.fixed_dictionaries({"X_0": numbers, "X_1": numbers}, optional={"note": json_values})


@settings(max_examples=50)
@given(
    st.lists(objects, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 300),
    st.integers(1, 5),
)
def test_another_reader_finds_the_same_objects_with_ours_behind(
    total: Model, rows: list[dict[str, object]], ending: str, size_bytes: int, most: int
) -> None:
    text = "".join(orjson.dumps(row).decode() + ending for row in rows)

    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes, records=most)
        output = scored(text, total)

    assert [orjson.loads(line) for line in output.splitlines()] == [
        row | total_of(row["X_0"], row["X_1"]) for row in rows
    ]


def total_of(first: object, second: object) -> dict[str, object]:
    for name, cell in [("X_0", first), ("X_1", second)]:
        if cell == "bad":
            return {"total": None, "error": f'{name}: expected a number, got "bad"'}
    shortest = str(np.float32(first) + np.float32(second))  # type: ignore[arg-type]
    return {"total": float(shortest), "error": None}


pieces = st.sampled_from(
    ["{", "}", "[", "]", ",", '"a"', ":", "1", " ", "{}", "\ufeff", "\r", "\u3000"]
)
lines = objects.map(lambda row: orjson.dumps(row).decode()) | st.lists(pieces).map("".join)


@settings(max_examples=50)
@given(
    st.lists(st.builds("{}{}".format, lines, st.sampled_from(["\n", "\r\n"])), max_size=8),
    lines,
    st.integers(1, 200),
    st.integers(1, 200),
)
def test_spans_give_what_the_lines_give_one_by_one(
    total: Model, before: list[str], last: str, size_bytes: int, span_bytes: int
) -> None:
    data = "".join([*before, last]).encode()
    file = JsonLinesFile(MemoryText(data), total)
    alone = [JsonLinesFile(MemoryText(line), total) for line in io.BytesIO(data)]
    one_by_one, by_spans = Tally(), Tally()
    expected = b"".join(text_files.scored(line, one_by_one) for line in alone)

    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes)
        found = scored_by_spans(file, list(file.spans(span_bytes)), by_spans)

    assert found == expected
    assert (by_spans.rows, by_spans.errors) == (one_by_one.rows, one_by_one.errors)


@pytest.mark.parametrize(
    "lines",
    [
        ["1,2", "3"],
        ['{"X_0":1,"X_1":2},{"X_0":1,"X_1":2}', '{"X_0":1', '"X_1":2}'],
        ['[{"a":1}', '{"b":2}]', "1,2"],
    ],
)
def test_lines_that_are_json_only_together_are_not_json(lines: list[str], total: Model) -> None:
    tally = Tally()

    scored("".join(f"{line}\n" for line in lines), total, tally)

    assert tally.rows == RowCounts(total=len(lines), ok=0, bad=len(lines))


def test_a_number_that_the_model_cannot_hold_is_bad_among_numbers(total: Model) -> None:
    tally = Tally()

    scored('{"X_0":1,"X_1":2}\n{"X_0":3,"X_1":1e39}\n', total, tally)

    assert tally.errors == [
        RowError(2, "X_1", "a number of magnitude up to 3.403e+38", "1e+39"),
    ]


def test_an_object_without_members_may_be_good(load_model: LoadModel) -> None:
    card = 'live = 1\n[features]\nx = { kind = "number", missing = "fill", fill = 7 }\n'
    model = load_model(graphs.identity(TensorProto.FLOAT), card=card)

    assert scored('{}\n{"x":1}\n{ } \n', model) == (
        '{"y":7.0,"error":null}\n{"x":1,"y":1.0,"error":null}\n{ "y":7.0,"error":null} \n'
    )
