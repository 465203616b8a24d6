"""The parts that OpenAPI's operations are made of: a deployed model, answers, problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.example import example_elements, example_row, row_elements
from gateway.schemas import Schema

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
TEXT: Schema = {"type": "string"}
# More of them nobody reads, and a picture has a hundred thousand.
MAX_SHOWN_ELEMENTS = 1000

PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457. `error` repeats the detail for clients of the Open Inference "
    "Protocol.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "request_id": TEXT,
        "error": TEXT,
        "errors": {
            "type": "array",
            "description": "What is wrong, one by one, and where it stands.",
            "items": {
                "type": "object",
                "properties": {"pointer": TEXT, "expected": TEXT, "got": TEXT},
                "required": ["expected", "got"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "error"],
}

_REASONS = {
    400: "The body cannot be read",
    404: "There is nothing at this path; the detail says what there is",
    406: "There is no answer in the types that are accepted",
    413: "The body, its rows or the answer are too large; batch scoring takes them as a file",
    415: "The body is of a type that is not read",
    422: "What was sent cannot be scored; the detail and `errors` say where and why",
    503: "The model does not predict what it promised; the log says where",
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A model's description, and its golden rows with their predictions where it has them."""

    description: Mapping[str, Any]
    golden: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        name: str = self.description["model"]
        return name

    @property
    def takes_rows(self) -> bool:
        return bool(self.description["takes_rows"])

    @property
    def is_short(self) -> bool:
        """Whether a request of tensors is short enough to be shown."""
        return example_elements(self.description) <= MAX_SHOWN_ELEMENTS

    @property
    def has_short_rows(self) -> bool:
        """Whether a row is."""
        return row_elements(self.description) <= MAX_SHOWN_ELEMENTS

    @property
    def instances(self) -> list[Any]:
        """Rows to show."""
        return self.golden["instances"] if self.golden else [example_row(self.description)]


def reference(deployed: Deployed, kind: str) -> Schema:
    """To one of the model's schemas."""
    return {"$ref": f"#/components/schemas/{deployed.name}-{kind}"}


def answer(schema: Schema, description: str, *, example: object = None) -> dict[str, Any]:
    """A JSON answer."""
    shown = {} if example is None else {"example": example}
    return {"description": description, "content": {JSON: {"schema": schema, **shown}}}


def problems(*statuses: int) -> dict[str, Any]:
    """Answers that are problems, by status."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {str(s): {"description": _REASONS[s], "content": content} for s in statuses}
