"""What schemathesis must be told of formats that JSON Schema describes and JSON does not carry."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext, SerializationContext

JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/json-lines")


@schemathesis.serializer("text/csv")
def to_csv(_: SerializationContext, rows: Any) -> bytes:  # noqa: ANN401 - whatever is generated
    if isinstance(rows, str):
        return rows.encode()
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@schemathesis.serializer(*JSON_LINES)
def to_json_lines(_: SerializationContext, rows: Any) -> bytes:  # noqa: ANN401 - whatever is generated
    if isinstance(rows, str):
        return rows.encode()
    # What is no array of rows must not become one: a lone row would.
    lines = rows if isinstance(rows, list) else [{"no array": rows}]
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


@schemathesis.hook
def filter_case(_: HookContext, case: Case) -> bool:
    """In CSV a number is the same as its text, so that what is wrong in JSON may be right there;
    and without a cell in it, a row is no line."""
    if case.media_type != "text/csv":
        return True
    negative = case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE
    return not negative and (isinstance(case.body, str) or all(case.body))
