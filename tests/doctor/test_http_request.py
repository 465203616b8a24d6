"""What a predict function is sent."""

from __future__ import annotations

import json

from doctor import http_request


def test_answers_are_asked_for_without_compression() -> None:
    events = [http_request.of_one_row("adder", "{}"), http_request.of_rows("adder", b"a\n1\n")]

    headers = [json.loads(event)["headers"] for event in events]

    assert [header["accept-encoding"] for header in headers] == ["identity", "identity"]
