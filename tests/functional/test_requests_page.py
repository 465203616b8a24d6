"""docs/requests.md stays true: its examples are run, its limits and its catalogue compared."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from gateway import content_encoding, json_text, problem, problem_response
from gateway.api import MAX_PAYLOAD_BYTES
from gateway.bodies import READERS_OF_PICTURES
from gateway.problem import Problem
from serving import picture
from serving.card_texts import MAX_TOKENS
from serving.images import MAX_PIXELS_TO_DECODE, SHRINKING
from serving.limits import MAX_CELLS, MAX_ROWS
from serving.picture_layout import MAX_CHUNKS, MAX_SEGMENTS
from tests.functional.conftest import Handler, LoadEvent
from tests.functional.runtime import ROOT

PAGE = (ROOT / "docs" / "requests.md").read_text()
EXAMPLES = re.findall(r"```sh\n(curl .+?)\n```\n\n```\w+\n(.+?)\n```", PAGE, re.DOTALL)


def event_of(command: str, event: dict[str, Any]) -> dict[str, Any]:
    """What API Gateway makes of a curl command line."""
    _, url, *options = shlex.split(command)
    pairs = list(zip(options[::2], options[1::2], strict=True))
    headers = [value.split(": ") for option, value in pairs if option == "-H"]
    [(option, body)] = [pair for pair in pairs if pair[0] != "-H"]
    path = url.removeprefix("http://127.0.0.1:8080")
    return event | {
        "rawPath": path,
        "headers": {name.lower(): value for name, value in headers},
        # curl's -d drops line endings.
        "body": body.replace("\n", "") if option == "-d" else body,
    }


@pytest.mark.parametrize(("command", "answer"), EXAMPLES)
def test_an_example_is_answered_as_the_page_says(
    predict: Handler, load_event: LoadEvent, command: str, answer: str
) -> None:
    event = event_of(command, load_event("predict_default_model"))

    body = predict(event)["body"]

    assert body.removesuffix("\n").replace(event["requestContext"]["requestId"], "…") == answer


def test_no_example_is_left_out() -> None:
    assert len(EXAMPLES) == PAGE.count("```sh") == 10


def test_every_problem_is_in_the_catalogue() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, re.MULTILINE)

    problems = [value for value in vars(problem).values() if isinstance(value, Problem)]
    assert sorted(rows) == sorted((p.slug, str(p.status)) for p in problems)


def test_the_limits_are_those_in_force() -> None:
    limits = [MAX_ROWS, MAX_CELLS, MAX_TOKENS, json_text.MAX_VALUES, json_text.MAX_CONTAINERS]

    section = PAGE.partition("## Limits")[2].partition("## Errors")[0]
    for limit in [*limits, content_encoding.MAX_DECODED_BYTES, MAX_PAYLOAD_BYTES]:
        assert f"{limit:,}" in section
    assert f"the first {problem_response.MAX_ERRORS} faults" in PAGE


def test_the_limits_of_pictures_are_those_in_force() -> None:
    section = PAGE.partition("### Pictures")[2].partition("A body may come compressed")[0]

    mebibytes = picture.MAX_BYTES // 1024**2
    scans = f"{picture.USUAL_SCANS} times as many in all of its scans"
    jpeg = f"(of JPEG, {picture.MAX_JPEG_PIXELS:,}, and {scans})"
    said = [
        f"more than {mebibytes} MiB or {picture.MAX_PIXELS:,} pixels {jpeg}",
        f"or {picture.MAX_SIDE:,} along a side",
        f"{MAX_SEGMENTS:,} segments of JPEG, {MAX_CHUNKS:,} chunks of PNG or WebP",
    ]
    words = " ".join(section.split())
    assert [sentence for sentence in said if sentence not in words] == []
    assert f"| {MAX_PIXELS_TO_DECODE:,} | pixels of all pictures" in PAGE
    assert SHRINKING == 2


def test_every_content_type_is_named() -> None:
    assert [
        content_type for content_type in READERS_OF_PICTURES if f"`{content_type}`" not in PAGE
    ] == []
