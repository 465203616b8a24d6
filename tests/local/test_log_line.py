from __future__ import annotations

import json

import pytest

from local.log_line import readable

SAID_EVERYWHERE = {
    "level": "INFO",
    "location": "settled:25",
    "timestamp": "2026-11-20 03:35:42,244+0000",
    "service": "score",
    "digest": "6c03efd8",
    "function_name": "model-housing-score",
    "_aws": {"Timestamp": 1},
    "Rows": [6.0],
}


@pytest.mark.parametrize("text", ["plain text", "", "[1]", '{"no": "message"}', "{broken"])
def test_what_is_no_structured_line_stays_as_it_is(text: str) -> None:
    assert readable(text) == text


def test_a_structured_line_says_only_what_is_new() -> None:
    line = {**SAID_EVERYWHERE, "message": "file", "outcome": "succeeded", "rows_total": 6}

    assert readable(json.dumps(line)) == "file outcome=succeeded rows_total=6"


def test_a_line_above_info_says_its_level() -> None:
    line = {**SAID_EVERYWHERE, "message": "delivery faulted", "level": "ERROR", "message_id": "m"}

    assert readable(json.dumps(line)) == "ERROR delivery faulted message_id=m"


@pytest.mark.parametrize(("status", "said"), [(200, None), (422, None), (500, "request")])
def test_a_request_is_left_to_the_front_unless_it_failed(status: int, said: str | None) -> None:
    line = {**SAID_EVERYWHERE, "message": "request", "http_status": status}

    assert readable(json.dumps(line)) == said
