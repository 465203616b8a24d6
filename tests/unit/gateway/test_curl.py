"""A command can be pasted as it is, and signs as the stage asks."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from gateway.pages.curl import curl

URL = "https://api.example/models/sales/predict"
DOCUMENT = {"instances": [{"name": 'it\'s $HOME & "more"', "größe": 1}]}


def words(auth: dict[str, Any]) -> list[str]:
    """As a shell would pass them on, but for its variables."""
    return shlex.split(curl(URL, DOCUMENT, auth).replace("\\\n", ""))


def test_what_is_sent_survives_the_shell() -> None:
    *command, body = words({"kind": "none"})

    assert command == ["curl", URL, "-H", "Content-Type: application/json", "-d"]
    assert json.loads(body) == DOCUMENT


@pytest.mark.parametrize(
    ("auth", "signature"),
    [
        (
            {"kind": "iam"},
            [
                "--aws-sigv4",
                "aws:amz:$AWS_REGION:execute-api",
                "--user",
                "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY",
                "-H",
                "X-Amz-Security-Token: $AWS_SESSION_TOKEN",
            ],
        ),
        (
            {"kind": "jwt", "issuer": "https://id.example", "audience": ["predictions"]},
            ["-H", "Authorization: Bearer $TOKEN"],
        ),
    ],
)
def test_callers_sign_as_the_stage_asks(auth: dict[str, Any], signature: list[str]) -> None:
    assert words(auth)[2 : 2 + len(signature)] == signature
