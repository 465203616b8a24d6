"""The verdict on an answer: what every one must be, and what those to lawful requests must say."""

from __future__ import annotations

import base64
import csv
import json
from io import StringIO
from typing import Any, NoReturn

from jsonschema import Draft202012Validator

MAX_ANSWER_BYTES = 6 * 1024 * 1024
PROBLEM = Draft202012Validator(
    {
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance", "request_id", "error"],
        "additionalProperties": False,
        "properties": {
            "type": {"type": "string", "pattern": "^urn:problem:[a-z-]+$"},
            "title": {"type": "string", "minLength": 1},
            "status": {"type": "integer", "minimum": 400, "maximum": 499},
            "detail": {"type": "string", "minLength": 1, "maxLength": 20_000},
            "instance": {"type": "string"},
            "request_id": {"type": "string"},
            "error": {"type": "string", "minLength": 1},
            "errors": {
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": {
                    "type": "object",
                    "required": ["expected", "got"],
                    "oneOf": [{"required": ["pointer"]}, {"required": ["row"]}],
                    "additionalProperties": False,
                    "properties": {
                        "pointer": {"type": "string", "pattern": "^(/|$)"},
                        "row": {"type": "integer", "minimum": 1},
                        "column": {"type": "string"},
                        "expected": {"type": "string", "minLength": 1},
                        "got": {"type": "string"},
                    },
                },
            },
        },
    }
)


class ViolationError(Exception):
    """An answer that breaks the contract."""


def judge(answer: Any, *, rows: int | None, to_head: bool = False) -> int:  # noqa: ANN401 - whatever came back
    """The status; raises ViolationError where an answer is not what it must be.

    `rows`: as many predictions must there be, for the request was lawful. `to_head`: there must be
    no body.
    """
    status = answer.get("statusCode")
    if not isinstance(status, int) or not 200 <= status < 500:  # noqa: PLR2004 - HTTP's classes
        raise ViolationError(f"expected a status from 200 to 499, got {_shown(answer)}")
    if len(json.dumps(answer)) > MAX_ANSWER_BYTES:
        raise ViolationError("expected an answer of up to 6 MiB, got a larger one")
    if to_head:
        _judge_emptiness(answer)
    elif rows is not None:
        _judge_predictions(answer, rows)
    elif status >= 400:  # noqa: PLR2004 - HTTP's classes
        _judge_problem(answer)
    return status


def _judge_emptiness(answer: dict[str, Any]) -> None:
    if answer["body"] or "content-type" not in answer["headers"]:
        raise ViolationError(f"expected headers without a body, got {_shown(answer)}")


def _judge_problem(answer: dict[str, Any]) -> None:
    if answer["headers"].get("content-type") != "application/problem+json":
        raise ViolationError(f"expected application/problem+json, got {_shown(answer)}")
    problem = _parsed(_body(answer))
    for error in PROBLEM.iter_errors(problem):
        raise ViolationError(f"expected a problem, but {error.message}: {_shown(answer)}")
    if (problem["status"], problem["detail"]) != (answer["statusCode"], problem["error"]):
        raise ViolationError(f"expected one status and one detail, got {_shown(answer)}")


def _judge_predictions(answer: dict[str, Any], rows: int) -> None:
    if answer["statusCode"] != 200 or _count(answer) != rows:  # noqa: PLR2004 - HTTP's OK
        raise ViolationError(f"expected {rows} prediction(s), got {_shown(answer)}")


def _count(answer: dict[str, Any]) -> int:
    body, content_type = _body(answer), answer["headers"]["content-type"]
    if content_type == "application/json":
        document = _parsed(body)
        if "predictions" in document:
            return len(document["predictions"])
        return int(document["outputs"][0]["shape"][0])
    if content_type == "text/csv":
        return sum(1 for _ in csv.reader(StringIO(body, newline=""))) - 1
    return len([_parsed(line) for line in body.removesuffix("\n").split("\n")])


def _body(answer: dict[str, Any]) -> str:
    body: str = answer["body"]
    return base64.b64decode(body).decode() if answer["isBase64Encoded"] else body


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise ViolationError(f"expected JSON, got {text[:200]!r}") from error


def _refuse(constant: str) -> NoReturn:
    raise ViolationError(f"expected JSON, which has no {constant}")


def _shown(answer: object) -> str:
    return repr(answer)[:1500]
