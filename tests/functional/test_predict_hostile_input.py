"""Whatever comes, predict answers with a 4xx that names it, and the next request is right."""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functional.conftest import Handler, LoadEvent
from tests.functional.exchange import assert_is_problem, parsed, with_body
from tests.functional.golden import FEATURES, PREDICTIONS, ROWS

RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("predict")


def assert_predicts_the_golden_row(predict: Handler, event: dict[str, Any]) -> None:
    assert parsed(predict(event))["predictions"] == PREDICTIONS[:1]


HOSTILE_BODIES = {
    "empty": "",
    "spaces": " \n ",
    "no JSON": "lotsize=6000",
    "100,000 brackets": "[" * 100_000,
    "100,000 objects": '{"a":' * 100_000,
    "5,000 digits": '{"instances": [{"lotsize": ' + "9" * 5000 + "}]}",
    "lone surrogate": '{"instances": ["\ud800"]}',
    "escaped lone surrogate": '{"instances": ["\\ud800"]}',
    "NaN": '{"instances": [NaN]}',
    "Infinity": '{"instances": [-Infinity]}',
    "1e999": '{"instances": [1e999]}',
    "byte order mark": "\ufeff[]",
    "trailing garbage": "[[1]] [[2]]",
    "null byte": "\x00",
}


@pytest.mark.parametrize("body", list(HOSTILE_BODIES.values()), ids=HOSTILE_BODIES)
def test_a_body_that_is_not_json_is_a_400_and_costs_only_itself(
    predict: Handler, event: dict[str, Any], body: str
) -> None:
    problem = assert_is_problem(predict(event | {"body": body}), 400, "malformed")

    assert problem["detail"].startswith("the body: expected JSON, got ")
    assert_predicts_the_golden_row(predict, event)


@pytest.mark.parametrize(
    "content",
    ["[1]".encode("utf-16"), b'["\xff"]', b"\x1f\x8b\x08\x00gzip", b"\xef\xbb\xbf[]", b""],
    ids=["utf-16", "no utf-8", "gzip", "byte order mark", "nothing"],
)
def test_bytes_that_are_not_json_are_a_400(
    predict: Handler, event: dict[str, Any], content: bytes
) -> None:
    body = base64.b64encode(content).decode()

    answer = predict(event | {"body": body, "isBase64Encoded": True})

    assert_is_problem(answer, 400, "malformed")
    assert_predicts_the_golden_row(predict, event)


@pytest.mark.parametrize("body", ["%%%", "W1s=x", "é", "\ud800"])
def test_what_is_not_the_base64_it_is_said_to_be_is_a_400(
    predict: Handler, event: dict[str, Any], body: str
) -> None:
    answer = predict(event | {"body": body, "isBase64Encoded": True})

    problem = assert_is_problem(answer, 400, "malformed")
    assert problem["detail"] == "the body: expected base64, got something else"
    assert problem["instance"] == "/models/housing/predict"
    assert_predicts_the_golden_row(predict, event)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    start=st.integers(0, 200),
    length=st.integers(0, 20),
    inserted=st.text(max_size=4) | st.sampled_from(["null", "[", "}", "1e999", '\\"', "\ud800"]),
)
def test_a_damaged_body_is_answered_and_never_with_a_5xx(
    predict: Handler, event: dict[str, Any], start: int, length: int, inserted: str
) -> None:
    body = event["body"]
    damaged = body[:start] + inserted + body[start + length :]

    answer = predict(event | {"body": damaged})

    assert answer["statusCode"] in {200, 400, 422}
    assert parsed(answer)


def test_no_body_at_all_is_a_400(predict: Handler, event: dict[str, Any]) -> None:
    del event["body"]

    assert_is_problem(predict(event), 400, "malformed")


@pytest.mark.parametrize("document", [None, 5, "rows", {}, {"rows": []}, [], {"instances": []}])
def test_json_without_rows_is_a_422(
    predict: Handler, event: dict[str, Any], document: object
) -> None:
    problem = assert_is_problem(predict(with_body(event, document)), 422, "invalid-input")

    assert "expected" in problem["detail"]
    assert_predicts_the_golden_row(predict, event)


NUMBER = "a number"
YES_NO = "one of yes, no"


@pytest.mark.parametrize(
    ("cell", "expected", "got"),
    [
        ({"lotsize": None}, NUMBER, "null"),
        ({"lotsize": True}, NUMBER, "true"),
        ({"lotsize": "6000"}, NUMBER, '"6000"'),
        ({"lotsize": "NaN"}, NUMBER, '"NaN"'),
        ({"lotsize": [6000]}, NUMBER, "an array of 1"),
        ({"lotsize": {}}, NUMBER, "an object"),
        ({"lotsize": 1e39}, "a number of magnitude up to 3.403e+38", "1e+39"),
        ({"lotsize": 999}, "at least 1000", "999"),
        ({"lotsize": 20_000.01}, "at most 20000", "20000.01"),
        ({"driveway": "YES"}, YES_NO, '"YES"'),
        ({"driveway": ""}, YES_NO, '""'),
        ({"driveway": True}, "one of yes, no", "true"),
        ({"driveway": None}, "one of yes, no", "null"),
        ({"driveway": "y" * 1_000_000}, YES_NO, f'"{"y" * 40}…"'),
        ({"driveway": "\x00"}, YES_NO, '"\x00"'),
    ],
)
def test_a_wrong_cell_is_a_422_that_points_at_it(
    predict: Handler, event: dict[str, Any], cell: dict[str, object], expected: str, got: str
) -> None:
    [feature] = cell

    answer = predict(with_body(event, {"instances": [ROWS[0], ROWS[1] | cell]}))

    problem = assert_is_problem(answer, 422, "invalid-rows")
    assert problem["detail"] == f"row 1: {feature}: expected {expected}, got {got}"
    assert problem["errors"] == [
        {"pointer": f"/instances/1/{feature}", "expected": expected, "got": got}
    ]
    assert_predicts_the_golden_row(predict, event)


def test_a_missing_and_an_unknown_feature_are_pointed_at(
    predict: Handler, event: dict[str, Any]
) -> None:
    short = {name: cell for name, cell in ROWS[0].items() if name != "airco"}

    answer = predict(with_body(event, [short, ROWS[1] | {"air/co": "yes"}]))

    problem = assert_is_problem(answer, 422, "invalid-rows")
    assert problem["errors"] == [
        {"pointer": "/0/airco", "expected": "one of yes, no", "got": "nothing"},
        {
            "pointer": "/1/air~1co",
            "expected": f"only the features {', '.join(FEATURES)}",
            "got": "an unknown one",
        },
    ]


@pytest.mark.parametrize(
    "document",
    [
        [{"x" * 5_000_000: 1}],
        {"x" * 5_000_000: {"0": 1}},
        {'"' * 2_500_000: 1},
        {"lotsize": {'"' * 2_500_000: 1}},
        {str(key): 0 for key in range(300_000)},
        [{str(key): 0} for key in range(200_000)],
        [{}] * 1_000_000,
        [[]] * 1_000_000,
        ["x" * 5_000_000],
        [{"driveway": "x" * 5_000_000}],
    ],
    ids=[
        "a huge name",
        "a huge column",
        "a huge key",
        "a huge index",
        "many keys",
        "many rows",
        "many empty objects",
        "many empty arrays",
        "a huge row",
        "a huge cell",
    ],
)
def test_an_answer_stays_small_however_large_the_mistake(
    predict: Handler, event: dict[str, Any], document: object
) -> None:
    answer = predict(with_body(event, document))

    assert answer["statusCode"] in {413, 422}
    assert len(json.dumps(answer)) < RESPONSE_LIMIT_BYTES / 100


def test_nothing_of_the_payload_is_logged(predict: Handler, event: dict[str, Any]) -> None:
    canary = "c4n4ry"
    bodies = [
        canary,
        f'["{canary}"]',
        f'{{"{canary}": 1}}',
        orjson.dumps([ROWS[0] | {"driveway": canary}]).decode(),
        orjson.dumps([ROWS[0] | {canary: 1}]).decode(),
    ]

    for body in bodies:
        predict(
            event
            | {"body": body, "rawQueryString": f"q={canary}", "headers": {"x-api-key": canary}}
        )

    assert [line["http_status"] for line in predict.lines] == [400, 422, 422, 422, 422]
    assert canary not in predict.log
