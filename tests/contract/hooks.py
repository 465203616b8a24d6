"""What schemathesis must be told: formats that JSON Schema describes and JSON does not carry, and
what JSON Schema cannot say. The operations' descriptions say it to people."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis import Case, GenerationMode, HookContext, SerializationContext

PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/json-lines")


def _picture(kind: str, grey: int) -> bytes:
    content = io.BytesIO()
    Image.new("L", (8, 8), grey).save(content, kind)
    return content.getvalue()


def _pictures(*kinds: str) -> st.SearchStrategy[bytes]:
    return st.builds(_picture, st.sampled_from(kinds), st.integers(0, 255))


for _media_type, _kind in PICTURES.items():
    schemathesis.openapi.media_type(_media_type, _pictures(_kind))
schemathesis.openapi.format(
    "byte", _pictures(*PICTURES.values()).map(lambda picture: base64.b64encode(picture).decode())
)


@schemathesis.serializer("text/csv")
def to_csv(_: SerializationContext, rows: Any) -> bytes:  # noqa: ANN401 - whatever is generated
    if isinstance(rows, str):
        return rows.encode()
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _text(cell) for name, cell in row.items()})
    return text.getvalue().encode()


def _text(cell: object) -> object:
    return json.dumps(cell) if isinstance(cell, list) else cell


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
    and without a cell in it, a row is no line. Arrays of open length are as long in all rows."""
    negative = case.meta is not None and case.meta.generation.mode == GenerationMode.NEGATIVE
    if case.media_type == "text/csv" and (negative or not _has_lines(case.body)):
        return False
    return negative or not _is_ragged(case.body)


def _has_lines(rows: Any) -> bool:  # noqa: ANN401 - whatever is generated
    return isinstance(rows, str) or all(rows)


def _is_ragged(value: object) -> bool:
    """Whether arrays that stand side by side, or in rows that do, have several shapes."""
    if isinstance(value, dict):
        children = list(value.values())
        arrays = [child for child in children if isinstance(child, list)]
    elif isinstance(value, list):
        children = arrays = value
    else:
        return False
    return len(set(map(_shape, arrays))) > 1 or any(map(_is_ragged, children))


def _shape(value: object) -> object:
    """Equal for arrays that are as long, and hold arrays that are; of an object, that of its."""
    if isinstance(value, dict):
        return frozenset((k, _shape(v)) for k, v in value.items() if isinstance(v, list))
    return (len(value), *map(_shape, value)) if isinstance(value, list) else None
