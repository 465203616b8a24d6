"""What API Gateway hands to a predict function, and what it must get back.

Answers are asked for as they are: the same rows again and again all but vanish in gzip.
"""

from __future__ import annotations

import base64
import gzip
import json
from http import HTTPStatus
from typing import Any

from doctor.errors import AnswerError
from local.assembly import ROOT

EVENT = ROOT / "events" / "predict.json"


def of_one_row(model: str, body: str) -> bytes:
    """In JSON."""
    return _event(model, "application/json", {"body": body, "isBase64Encoded": False})


def of_rows(model: str, body: bytes) -> bytes:
    """In CSV, and compressed, since so the most rows fit."""
    content = base64.b64encode(gzip.compress(body, compresslevel=1)).decode()
    return _event(model, "text/csv", {"body": content, "isBase64Encoded": True}, "gzip")


def _event(model: str, media_type: str, body: dict[str, Any], encoding: str = "identity") -> bytes:
    event: dict[str, Any] = json.loads(EVENT.read_bytes())
    headers = {
        "accept-encoding": "identity",
        "content-type": media_type,
        "content-encoding": encoding,
    }
    event |= {"rawPath": f"/models/{model}/predict", **body}
    event["headers"] = event["headers"] | headers
    return json.dumps(event).encode()


def require_success(answer: bytes) -> None:
    """Raises AnswerError, with the problem's own words."""
    document = json.loads(answer)
    status = document["statusCode"]
    if status != HTTPStatus.OK:
        detail = json.loads(document["body"]).get("detail", "no detail")
        raise AnswerError(f"expected status 200, got {status}: {detail}", status=status)
