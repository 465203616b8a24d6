"""A request as a command to copy, signed the way the stage asks for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

_SIGNATURE = {
    "none": "",
    "jwt": ' \\\n  -H "Authorization: Bearer $TOKEN"',
    # The session token is signed like any other header of AWS's.
    "iam": (
        ' \\\n  --aws-sigv4 "aws:amz:$AWS_REGION:execute-api"'
        ' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
        ' \\\n  -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"'
    ),
}


def curl(url: str, document: object | None, auth: Mapping[str, Any]) -> str:
    """`auth` is the catalog's; None stands for a document that the caller has in a file."""
    body = "@request.json"
    if document is not None:
        body = shlex.quote(json.dumps(document, ensure_ascii=False))
    signature = _SIGNATURE[auth["kind"]]
    return f"curl {url}{signature} \\\n  -H 'Content-Type: application/json' \\\n  -d {body}"
