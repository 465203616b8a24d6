"""Shapes: the JSON documents in which people send rows.

    {"instances": [{"lotsize": 5850}, …]}     rows as objects
    {"instances": [[5850, …], …]}             rows as arrays, in feature order
    [{…}, …]   [[…], …]                       either of them bare
    {"lotsize": {"0": 5850, …}, …}            the column form of pandas' DataFrame.to_json()
    {"dataframe_split": {…}}                  MLflow's name for DataFrame.to_dict("split")
    {"dataframe_records": [{…}, …]}           and for DataFrame.to_dict("records")

A model of one feature also takes bare cells for rows: ["text", …].
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from serving.errors import InvalidInputError, shown
from serving.features import Column
from serving.frames import decode_columns, decode_split
from serving.instances import Instances, decode_rows

ROWS = ("instances", "dataframe_records")
SHOWN_KEYS = 5
EXPECTED = (
    '{"instances": [row, …]}, [row, …], {"dataframe_split": {…}}, {"dataframe_records": [row, …]} '
    "or {column: {index: cell, …}, …}"
)


def decode(document: object, columns: Sequence[Column]) -> Instances:
    """Read a parsed JSON document; raises InvalidInputError where it has none of the shapes, and
    OversizedInputError where it holds too much."""
    match document:
        case {"instances": list(rows), **rest} if not rest:
            return decode_rows(rows, columns, "/instances")
        case list(rows):
            return decode_rows(rows, columns, "")
        case {"dataframe_split": frame, **rest} if not rest:
            return decode_split(frame, columns)
        case {"dataframe_records": list(rows), **rest} if not rest:
            return decode_rows(rows, columns, "/dataframe_records")
        case dict():
            _require_rows(document, columns)
            if document and all(isinstance(cells, dict) for cells in document.values()):
                return decode_columns(document, columns)
    raise InvalidInputError(f"the body: expected {EXPECTED}, got {_described(document)}")


def _require_rows(document: dict[str, Any], columns: Sequence[Column]) -> None:
    """What has the name of rows alone is an array of them, unless a column has that name."""
    for key in ROWS:
        if document.keys() == {key} and all(column.name != key for column in columns):
            got = shown(document[key])
            raise InvalidInputError(f"/{key}: expected an array of rows, got {got}")


def _described(document: object) -> str:
    if isinstance(document, dict):
        keys = ", ".join(map(shown, islice(document, SHOWN_KEYS)))
        more = ", …" if len(document) > SHOWN_KEYS else ""
        return f"an object with {keys or 'nothing in it'}{more}"
    return shown(document)
