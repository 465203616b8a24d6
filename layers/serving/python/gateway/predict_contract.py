"""What `predict` takes and answers, as OpenAPI says it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.negotiation import JSON_LINES, PICTURES
from gateway.openapi_parts import JSON, TEXT, Deployed, problems, reference
from gateway.schemas import Schema, array_of, cell_of, closed_object, fixed_array, may_miss

CSV = "text/csv"

_DESCRIPTION = """\
Rows come as objects or as arrays in feature order; the predictions are in the order of the rows.
Where the schema shows one row of a pandas frame, there may be more, and its columns may come in any
order. Where the length of an array is open, all rows of a request have the same. As text/csv there
is a header and a line for each row; as JSON lines, a row on each. Ask for `text/csv` or
`application/jsonl` in `Accept` to have the answer as such."""


def predict_contract(deployed: Deployed) -> dict[str, Any]:
    return {
        "description": _DESCRIPTION,
        "requestBody": {"required": True, "content": _request(deployed)},
        "responses": {
            "200": {"description": "One prediction for each row", "content": _answers(deployed)},
            **problems(400, 406, 413, 415, 422),
        },
    }


def _request(deployed: Deployed) -> dict[str, Any]:
    schemas = {
        JSON: _shapes(deployed),
        CSV: _rows(reference(deployed, "row")),
        **dict.fromkeys(JSON_LINES, _bare_rows(deployed)),
        **_pictures(deployed),
    }
    shown = _shown(deployed) if deployed.has_short_rows else {}
    return {name: {"schema": schema, **shown.get(name, {})} for name, schema in schemas.items()}


def _pictures(deployed: Deployed) -> dict[str, Schema]:
    """By media type: bodies that are a picture, where that is the only feature."""
    only = _only_feature(deployed)
    if only is None or only.get("kind") != "image":
        return {}
    return {name: {"contentMediaType": name} for name in PICTURES}


def _shapes(deployed: Deployed) -> Schema:
    rows = _bare_rows(deployed)
    return {
        "anyOf": [
            {**closed_object({"instances": rows}), "title": "instances"},
            {**rows, "title": "bare rows"},
            {**closed_object({"dataframe_records": rows}), "title": "pandas records"},
            {**closed_object({"dataframe_split": _split(deployed)}), "title": "pandas split"},
            {**_columns(deployed), "title": "pandas columns"},
        ]
    }


def _bare_rows(deployed: Deployed) -> Schema:
    """Several rows, all of one shape."""
    objects, arrays = _rows(reference(deployed, "row")), _rows(reference(deployed, "cells"))
    only = _only_feature(deployed)
    if only is None:
        return {"anyOf": [objects, arrays]}
    # The row of a single feature may be its cell; where that is an array, no other is a row.
    bare = _rows(cell_of(only))
    return {"anyOf": [objects, bare] if only["shape"] else [objects, arrays, bare]}


def _only_feature(deployed: Deployed) -> Mapping[str, Any] | None:
    features = deployed.description["features"]
    return features[0] if len(features) == 1 else None


def _rows(row: Schema) -> Schema:
    return {**array_of(row), "minItems": 1}


def _split(deployed: Deployed) -> Schema:
    names = [{"const": feature["name"]} for feature in deployed.description["features"]]
    data = _rows(reference(deployed, "cells"))
    return closed_object({"columns": fixed_array(names), "data": data})


def _columns(deployed: Deployed) -> Schema:
    """All columns share one index, which JSON Schema can say of none but a given one, the row "0".

    What it cannot say is left out: where two columns must have a cell for each row, the schema
    shows one row, and where one must, further rows are of that column alone.
    """
    features = deployed.description["features"]
    required = [feature for feature in features if not may_miss(feature)]
    any_row = not required or len(features) == 1
    open_ones = features if any_row else required if len(required) == 1 else []
    columns = {
        feature["name"]: _column(feature, is_open=feature in open_ones, has_row=not any_row)
        for feature in features
    }
    schema = {**closed_object(columns), "required": [feature["name"] for feature in required]}
    return {**schema, "anyOf": [*map(_some_cell, columns)]} if any_row else schema


def _column(feature: Mapping[str, Any], *, is_open: bool, has_row: bool) -> Schema:
    cell = cell_of(feature)
    return {
        "type": "object",
        "properties": {"0": cell},
        "additionalProperties": cell if is_open else False,
        "required": ["0"] if has_row and not may_miss(feature) else [],
    }


def _some_cell(name: str) -> Schema:
    return {"properties": {name: {"minProperties": 1}}, "required": [name]}


def _shown(deployed: Deployed) -> dict[str, Any]:
    """The examples, by media type."""
    lines = {"example": _json_lines(deployed)}
    return {
        JSON: {"examples": _examples(deployed)},
        CSV: {"example": _csv(deployed)},
        **dict.fromkeys(JSON_LINES, lines),
    }


def _examples(deployed: Deployed) -> dict[str, Any]:
    rows = _as_objects(deployed)
    shapes = {
        "instances": {"instances": deployed.instances},
        "bare": rows,
        "arrays": {"instances": [_as_array(row, deployed) for row in rows]},
        "columns": {name: {"0": cell} for name, cell in rows[0].items()},
    }
    return {name: {"value": value} for name, value in shapes.items()}


def _names(deployed: Deployed) -> list[str]:
    return [feature["name"] for feature in deployed.description["features"]]


def _as_objects(deployed: Deployed) -> list[dict[str, Any]]:
    """The rows to show: golden ones may have any shape."""
    return [_as_object(row, deployed) for row in deployed.instances]


def _as_object(row: Any, deployed: Deployed) -> dict[str, Any]:  # noqa: ANN401 - as JSON has it
    if isinstance(row, dict):
        return dict(row)
    only = _only_feature(deployed)
    is_cell = only is not None and (only["shape"] or not isinstance(row, list))
    return dict(zip(_names(deployed), [row] if is_cell else row, strict=True))


def _as_array(row: Mapping[str, Any], deployed: Deployed) -> list[Any]:
    """In feature order; the array of a single feature is the row itself."""
    cells: list[Any] = [row.get(name) for name in _names(deployed)]
    only = _only_feature(deployed)
    return list(cells[0]) if only is not None and only["shape"] else cells


def _csv(deployed: Deployed) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_names(deployed))
    for row in _as_objects(deployed):
        writer.writerow([_text(row.get(name)) for name in _names(deployed)])
    return text.getvalue()


def _text(cell: object) -> object:
    return orjson.dumps(cell).decode() if isinstance(cell, list) else cell


def _json_lines(deployed: Deployed) -> str:
    return "".join(f"{orjson.dumps(row).decode()}\n" for row in deployed.instances)


def _answers(deployed: Deployed) -> dict[str, Any]:
    model, version = deployed.name, deployed.description["version"]
    schema = closed_object(
        {
            "model": {"const": model},
            "version": {"const": version},
            "predictions": _rows(reference(deployed, "prediction")),
        }
    )
    content: dict[str, Any] = {"schema": schema}
    if deployed.golden:
        predictions = deployed.golden["predictions"]
        content["example"] = {"model": model, "version": version, "predictions": predictions}
    return {JSON: content, **{media_type: {"schema": TEXT} for media_type in (CSV, *JSON_LINES)}}
