"""Predictions as the texts that are written behind each good row, a comma behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from formats.splice import BINARY, joined, slices
from serving.card import Card
from serving.csv_predictions import csv_columns, csv_names
from serving.predictions import NamedOutput, Values

COMMA = ord(",")


def csv_texts(values: Mapping[str, Values], outputs: Sequence[NamedOutput], card: Card) -> pa.Array:
    """The cells of `csv_names`."""
    return joined(*(_csv_cells(values[output.name], output, card) for output in outputs))


def json_texts(values: Mapping[str, Values], names: Mapping[str, str]) -> pa.Array:
    """The members of an object; `names` are their keys, by output."""
    members = []
    for output, name in names.items():
        members += [orjson.dumps(name) + b":", _json_values(values[output])]
    return joined(*members)


def _csv_cells(values: Values, output: NamedOutput, card: Card) -> pa.Array:
    width = len(csv_names(output, card))
    if isinstance(values, np.ndarray) and values.shape[1:] == ((width,) if width > 1 else ()):
        text = _dumped(values.reshape(-1))[1:-1].replace(b"null", b"")
        return _rows_of(text + b",", commas_per_row=width)
    columns = csv_columns({output.name: values}, [output])
    return joined(*(part for column in columns for part in (pa.array(column, BINARY), b",")))


def _json_values(values: Values) -> pa.Array:
    if isinstance(values, np.ndarray) and values.size:
        return _rows_of(_dumped(values)[1:-1] + b",", commas_per_row=values[0].size)
    return pa.array([_dumped(value) + b"," for value in values], BINARY)


def _rows_of(text: bytes, *, commas_per_row: int) -> pa.Array:
    commas = np.flatnonzero(np.frombuffer(text, np.uint8) == COMMA)
    return slices(text, np.concatenate([[0], commas[commas_per_row - 1 :: commas_per_row] + 1]))


def _dumped(values: Any) -> bytes:  # noqa: ANN401 - whatever a graph may answer
    return orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
