"""Numbers are strict: every text of one means in every format what exact decimals say it means."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from formats.csv_file import CsvFile
from formats.json_lines_file import JsonLinesFile
from gateway.bodies import read_instances
from gateway.request import Request
from serving.card import Card
from serving.errors import InvalidRowsError, InvalidTensorError, MalformedInputError
from serving.features import Column, plan
from serving.model import Model
from serving.signature import ANY, Signature, Tensor
from serving.tensors import decode_inputs
from tests import graphs
from tests.conftest import LoadModel
from tests.functional import oracle
from tests.functional.oracle import FLOATS, INTEGERS, FloatType, IntegerType
from tests.unit.formats.text_files import MemoryText, scored

ONNX = {"FP16": "FLOAT16", "FP32": "FLOAT", "FP64": "DOUBLE"} | {
    number.name: number.name for number in INTEGERS
}
SEED = 20_261_120
# As many faults as one request reports at most, so that none is hidden behind others.
CHUNK = 1000
HARD_FLOATS, PLAIN_FLOATS, INTEGER_CELLS = 15_000, 5_000, 5_000

Values = dict[int, Any]
# Texts of the cells of one column in; the values of those that were accepted out, by index.
Door = Callable[[Sequence[str], Column], Values]
Number = FloatType | IntegerType


def column_of(number: Number) -> Column:
    tensor = Tensor("x", number.name, (ANY, 1))
    return plan(Signature((tensor,), ()), Card())[0]


@dataclass(frozen=True)
class Format:
    """How a body is written around its cells."""

    content_type: str
    head: str
    cell: str
    separator: str
    tail: str

    def body(self, texts: Sequence[str]) -> str:
        cells = (self.cell % {"index": index, "text": text} for index, text in enumerate(texts))
        return f"{self.head}{self.separator.join(cells)}{self.tail}"

    def read(self, texts: Sequence[str], column: Column) -> NDArray[Any]:
        request = Request(headers={"content-type": self.content_type}, body=self.body(texts))
        return read_instances(request, [column]).feeds([column])["x"].ravel()

    def accepted(self, texts: Sequence[str], column: Column) -> Values:
        refused = set()
        try:
            self.read(texts, column)
        except InvalidRowsError as error:
            refused = {fault.row for fault in error.faults}
        kept = [index for index in range(len(texts)) if index not in refused]
        values = self.read([texts[index] for index in kept], column) if kept else []
        return dict(zip(kept, values, strict=True))


JSON = "application/json"
CSV = Format("text/csv", "x\n", "%(text)s", "\n", "")
JSON_LINES = Format("application/jsonl", "", '{"x":%(text)s}', "\n", "")
JSON_FORMATS = {
    "objects": Format(JSON, '{"instances":[', '{"x":%(text)s}', ",", "]}"),
    "arrays": Format(JSON, '{"instances":[', "[%(text)s]", ",", "]}"),
    "bare cells": Format(JSON, "[", "%(text)s", ",", "]"),
    "columns": Format(JSON, '{"x":{', '"%(index)d":%(text)s', ",", "}}"),
    "split": Format(JSON, '{"dataframe_split":{"columns":["x"],"data":[', "[%(text)s]", ",", "]}}"),
    "records": Format(JSON, '{"dataframe_records":[', '{"x":%(text)s}', ",", "]}"),
    "json lines": JSON_LINES,
}


def accepted_by_inference(texts: Sequence[str], column: Column) -> Values:
    refused = set()
    try:
        _inferred(texts, column)
    except InvalidTensorError as error:
        refused = {int(misfit.pointer.rpartition("/")[2]) for misfit in error.misfits}
    kept = [index for index in range(len(texts)) if index not in refused]
    values = _inferred([texts[index] for index in kept], column) if kept else []
    return dict(zip(kept, values, strict=True))


def _inferred(texts: Sequence[str], column: Column) -> NDArray[Any]:
    tensor = column.tensor
    entry = {"name": "x", "datatype": tensor.datatype, "shape": [len(texts), 1]}
    data = orjson.loads(f"[{','.join(texts)}]")
    document = {"inputs": [entry | {"data": data}]}
    signature = Signature((tensor,), ())
    return decode_inputs(document, memoryview(b""), signature, [column])["x"].ravel()


def accepted_from_csv_file(texts: Sequence[str], model: Model) -> Values:
    written = scored(CsvFile(MemoryText(CSV.body(texts).encode()), model)).decode()
    return {
        index: orjson.loads(row["y"])
        for index, row in enumerate(csv.DictReader(io.StringIO(written)))
        if not row["error"]
    }


def accepted_from_json_lines_file(texts: Sequence[str], model: Model) -> Values:
    text = MemoryText(JSON_LINES.body(texts).encode())
    rows = map(orjson.loads, scored(JsonLinesFile(text, model)).splitlines())
    return {index: row["y"] for index, row in enumerate(rows) if not row["error"]}


FILES = {"csv file": accepted_from_csv_file, "json lines file": accepted_from_json_lines_file}


@cache
def cells(number: Number) -> list[str]:
    random = Random(f"{SEED}:{number.name}")
    if isinstance(number, IntegerType):
        return oracle.integers(number, random, INTEGER_CELLS)
    hard = oracle.hard_floats(number, random, HARD_FLOATS)
    return [*hard, *oracle.plain_floats(random, PLAIN_FLOATS)]


def mismatches(texts: Sequence[str], values: Values, number: Number) -> list[str]:
    """The texts whose value, or whose refusal, is not the oracle's."""
    dtype = np.dtype(number.numpy)
    return [
        f"{number.name}: {text}: {values.get(index, 'refused')}"
        for index, text in enumerate(texts)
        if not agrees(values.get(index), text, number, dtype)
    ]


def agrees(value: Any, text: str, number: Number, dtype: np.dtype[Any]) -> bool:  # noqa: ANN401 - a number
    expected = meaning(text, number)
    if value is None or expected is None or isinstance(number, IntegerType):
        return bool(value == expected)
    got = dtype.type(value).item()
    return (Fraction(got), got == 0 and np.signbit(got)) == expected


@cache
def meaning(text: str, number: Number) -> object:
    if isinstance(number, IntegerType):
        return oracle.integer_of(text, number)
    return oracle.float_of(text, number)


NUMBERS = pytest.mark.parametrize("number", [*FLOATS, *INTEGERS], ids=lambda number: number.name)


def test_the_oracle_is_asked_about_a_hundred_thousand_cells() -> None:
    assert sum(len(cells(number)) for number in [*FLOATS, *INTEGERS]) == 100_000


@NUMBERS
def test_every_format_of_predict_and_of_infer_reads_what_the_oracle_says(number: Number) -> None:
    column = column_of(number)
    doors: dict[str, Door] = {name: form.accepted for name, form in JSON_FORMATS.items()}
    doors["infer"] = accepted_by_inference
    texts = cells(number)
    in_json = [text for text in texts if oracle.fits_float64(text)]

    wrong = [
        (name, mismatch)
        for name, door in doors.items()
        for start in range(0, len(in_json), CHUNK)
        for chunk in [in_json[start : start + CHUNK]]
        for mismatch in mismatches(chunk, door(chunk, column), number)
    ]

    assert wrong == []


@NUMBERS
def test_csv_reads_what_the_oracle_says(number: Number) -> None:
    column = column_of(number)
    texts = cells(number)

    wrong = [
        mismatch
        for start in range(0, len(texts), CHUNK)
        for chunk in [texts[start : start + CHUNK]]
        for mismatch in mismatches(chunk, CSV.accepted(chunk, column), number)
    ]

    assert wrong == []


@pytest.mark.parametrize("file", FILES)
@NUMBERS
def test_files_read_what_the_oracle_says(number: Number, file: str, load_model: LoadModel) -> None:
    model = load_model(graphs.identity(TensorProto.DataType.Value(ONNX[number.name])))
    texts = cells(number)

    values = FILES[file](texts, model)

    assert mismatches(texts, values, number) == []


@pytest.mark.parametrize("form", JSON_FORMATS.values(), ids=JSON_FORMATS)
@pytest.mark.parametrize("text", ["1e309", "-1e309", f"{2**1024 - 2**970}.0", f"-{2**1024}"])
def test_in_json_a_number_beyond_float64_is_no_number(form: Format, text: str) -> None:
    with pytest.raises(MalformedInputError):
        form.read([text], column_of(oracle.FP32))
