"""What is read at once gives byte for byte what the exact rules give row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto

from delivery.tally import Tally
from formats import csv_feeds
from formats.csv_file import CsvFile
from formats.csv_header import CsvHeader
from formats.plain_csv import PlainRows, read_plain
from serving.coercion import ABSENT
from serving.csv_records import Record
from serving.deployment import Deployment
from serving.errors import InvalidInputError
from serving.feeds import Rows
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel
from tests.unit.formats.text_files import MemoryText, scored

OPTIONAL = """
live = 1
[features]
x = { kind = "number", missing = "nan", minimum = -5, maximum = 100 }
"""
FILLED = 'live = 1\n[features]\nx = { kind = "number", missing = "fill", fill = 7 }\n'
MARKED = '[batch]\nlong_rows = "mark"\n'
CARDS: dict[str, tuple[Callable[[], onnx.ModelProto], str]] = {
    "float": (lambda: graphs.identity(TensorProto.FLOAT), ""),
    "half": (lambda: graphs.identity(TensorProto.FLOAT16), ""),
    "double": (lambda: graphs.identity(TensorProto.DOUBLE), ""),
    "int8": (lambda: graphs.identity(TensorProto.INT8), ""),
    "int64": (lambda: graphs.identity(TensorProto.INT64), ""),
    "uint64": (lambda: graphs.identity(TensorProto.UINT64), ""),
    "bool": (lambda: graphs.identity(TensorProto.BOOL), ""),
    "string": (lambda: graphs.identity(TensorProto.STRING), ""),
    "array": (lambda: graphs.identity(TensorProto.FLOAT, (None, 2, 2)), ""),
    "wide": (lambda: graphs.identity(TensorProto.FLOAT, (None, 3)), ""),
    "mixed": (graphs.sale, ""),
    "optional": (
        lambda: graphs.identity(TensorProto.FLOAT),
        OPTIONAL,
    ),
    "filled": (
        lambda: graphs.identity(TensorProto.INT32),
        FILLED,
    ),
    "category": (
        lambda: graphs.identity(TensorProto.STRING),
        'live = 1\n[features]\nx = { kind = "category", categories = ["a", "1"] }\n',
    ),
}

odd = st.sampled_from(
    [
        *["-0", "-0.0", "+5", " 5", "5 ", "\t7", "", "  ", "\u00a05", "\ufeff1", "1\x00", "\u0661"],
        *["1e39", "-1e999", "1e-400", "4.9e-324", "65504", "65520", "nan", "inf", "-Infinity"],
        *["0x10", "1_0", "1e", "1.", ".5", ".", "-", "--1", "1.2.3", "2024-01-05", "1,5", "1e5 2"],
        *["300", "-129", "7.0", "1.9", "9007199254740993", "9223372036854775808", "-1"],
        *["18446744073709551615", "18446744073709551616", "-9223372036854775808", "1" * 30],
        *["true", "False", "TRUE", "tRue", "a", "b", "=1+1", "two\nlines", "a\rb", 'a"b', "é"],
        *["[[1,2],[3,4]]", "[[1]]", "[1,2]"],
    ]
)
numberish = st.text(st.sampled_from("0123456789+-.eE "), max_size=7)
usual = st.floats(-1e6, 1e6).map(repr) | st.integers(-99, 99).map(str)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def written(text: str) -> str:
    return quoted(text) if set(text) & set(',"\r\n') else text


cells = (
    (usual | usual | odd | numberish).map(written)
    | odd.map(quoted)
    | st.sampled_from(['5" pipe', '"1"2', 'a"b"c', '"a""b"c', "1\r2"])
)
endings = st.sampled_from(["\n", "\n", "\r\n", "\r\r\n", "\n\n", "\n\r\n"])


@pytest.fixture(scope="session", params=CARDS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    graph, card = CARDS[request.param]
    directory: Path = tmp_path_factory.mktemp("models") / request.param / "1"
    graphs.save(graph(), directory, card=(card or "live = 1\n") + MARKED)
    return Model.load(Deployment(directory, request.param, 1))


@st.composite
def texts(draw: st.DrawFn, model: Model) -> str:
    names = draw(st.permutations([*(column.name for column in model.columns), "note"]))
    width = len(names)
    whole = st.lists(draw(st.sampled_from([cells, cells, usual])), min_size=width, max_size=width)
    any_length = st.lists(cells, min_size=1, max_size=width + 1)
    records = st.one_of(whole, whole, whole, any_length).map(",".join)
    rows = draw(st.lists(st.builds("{}{}".format, records, endings), max_size=10))
    return "\n".join([",".join(names), "".join(rows) + draw(records)])


def outcome(text: str, model: Model) -> object:
    tally = Tally()
    try:
        written = scored(CsvFile(MemoryText(text.encode()), model), tally)
    except InvalidInputError as error:
        return str(error), getattr(error, "row", None)
    return written, tally.rows, tally.errors


def nothing_plain(*_: object) -> PlainRows:
    return PlainRows(np.empty(0, np.intp), Rows(0, {}))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_file_is_scored_as_if_no_row_were_plain(model: Model, data: st.DataObject) -> None:
    text = data.draw(texts(model))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_feeds, "read_plain", nothing_plain)
        expected = outcome(text, model)

    assert outcome(text, model) == expected


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("1,2\n3,4\n", [0, 1]),
        ("1,2\r\n\r\n\n3,4", [0, 1]),
        ("1,2\n3\n4,5,6\n7,8\n", [0, 3]),
        ('"1",2\n\n3\n"4","5"\n', [0, 2]),
        ("1,2\nx,4\n5,nan\n7,8\n,\n", [0, 3]),
        ("1e999,2\n-0,4\n0,0\n2024-01-05,7\n +8,\t9 \n", [2, 4]),
        ("\ufeff1,2\n3,4\n", [1]),
    ],
    ids=[
        "plain",
        "blank lines are no rows",
        "too few or too many cells",
        "quotes",
        "no numbers",
        "numbers that are read otherwise, or not at all",
        "a byte order mark is part of a cell",
    ],
)
def test_rows_that_are_not_plain_are_left_to_the_rules(
    text: str, places: list[int], total: Model
) -> None:
    header = CsvHeader(Record("X_0,X_1", "\n", ["X_0", "X_1"]), total)
    length = len([line for line in text.splitlines() if line])

    plain = read_plain(text.encode(), length, header, total.columns)

    assert plain.places.tolist() == places
    assert plain.rows.length == len(places)
    assert all(isinstance(cells, np.ndarray) for cells in plain.rows.cells.values())


def test_a_missing_cell_is_plain_where_the_card_allows_it(load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.INT32), card=FILLED)
    header = CsvHeader(Record("x", "\n", ["x"]), model)

    plain = read_plain(b'1\n""\n3.0\n" "\n', 4, header, model.columns)

    assert plain.rows.cells == {"x": [1, ABSENT, 3, ABSENT]}
