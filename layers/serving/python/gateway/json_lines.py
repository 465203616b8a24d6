"""Rows as JSON lines: on each line one row, as an object or as an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import orjson

from gateway.json_text import found, parse
from serving.errors import MalformedInputError
from serving.features import Column
from serving.instances import Instances, decode_rows
from serving.limits import require_lines
from serving.lines import BOM


def decode_json_lines(content: bytes, columns: Sequence[Column]) -> Instances:
    """Read the rows that a JSON array of them would hold; blank lines are no rows.

    Raises MalformedInputError where there are none and, naming the line, where one is not JSON.
    """
    require_lines(content)
    lines = content.removeprefix(BOM.encode()).split(b"\n")
    for number, line in enumerate(lines, 1):
        _require_json(line, number)
    # Every line is whole, so together they are an array, which is read under the limits of all.
    rows = parse(b"[" + b",".join(line for line in lines if line.strip()) + b"]")
    if not rows:
        raise MalformedInputError("the body: expected JSON lines, got nothing")
    return decode_rows(cast("list[object]", rows), columns, "")._replace(pointer=None)


def _require_json(line: bytes, number: int) -> None:
    try:
        orjson.loads(line if line.strip() else b"null")
    except orjson.JSONDecodeError as error:
        raise MalformedInputError(
            f"the body: expected JSON on each line, got {found(line, error.pos)} at line {number}, "
            f"column {error.colno}"
        ) from error
