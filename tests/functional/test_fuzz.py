"""A slice of the fuzzer's campaign, and whether it would notice what it looks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fuzz.attack import attack_in_process, attack_through_runtime
from fuzz.verdict import ViolationError, judge

PROBLEM = {
    "type": "urn:problem:malformed",
    "title": "The body cannot be read",
    "status": 400,
    "detail": "expected this, got that",
    "instance": "/predict",
    "request_id": "",
    "error": "expected this, got that",
}


def answered(
    status: int, body: str, content_type: str = "application/problem+json"
) -> dict[str, Any]:
    headers = {"content-type": content_type}
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}


def test_no_request_of_a_slice_is_answered_but_as_it_must_be(tmp_path: Path) -> None:
    outcome = attack_in_process(tmp_path, seed=7, numbers=range(6000))

    assert outcome.failures == {}
    assert outcome.counts.total() == 6000
    assert {status for _, status in outcome.counts} == {200, 400, 404, 405, 406, 415, 422}


def test_nor_is_any_through_the_runtime(tmp_path: Path) -> None:
    outcome = attack_through_runtime(tmp_path, seed=8, numbers=range(200))

    assert outcome.failures == {}
    assert outcome.counts.total() == 200


@pytest.mark.parametrize(
    "answer",
    [
        {},
        answered(500, json.dumps(PROBLEM)),
        answered(400, json.dumps(PROBLEM), "application/json"),
        answered(400, "a traceback"),
        answered(400, json.dumps(PROBLEM | {"got": float("nan")})),
        answered(400, json.dumps(PROBLEM | {"detail": ""})),
        answered(422, json.dumps(PROBLEM)),
        answered(400, json.dumps(PROBLEM | {"error": "something else"})),
        answered(400, json.dumps(PROBLEM | {"errors": [{"expected": "this", "got": "that"}]})),
        answered(200, " " * 7_000_000),
    ],
)
def test_an_answer_that_breaks_the_contract_is_noticed(answer: dict[str, Any]) -> None:
    with pytest.raises(ViolationError):
        judge(answer, rows=None)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"predictions": [{"y": 1}]}'),
        ("application/json", '{"predictions": [{"y": NaN}, {"y": 2}]}'),
        ("application/jsonl", '{"y": 1}\n'),
        ("text/csv", "y\n1.0\n"),
    ],
)
def test_a_lawful_request_answered_otherwise_than_row_by_row_is_noticed(
    content_type: str, body: str
) -> None:
    with pytest.raises(ViolationError):
        judge(answered(200, body, content_type), rows=2)


@pytest.mark.parametrize("status", [200, 405])
def test_a_head_that_is_answered_with_a_body_is_noticed(status: int) -> None:
    with pytest.raises(ViolationError):
        judge(answered(status, json.dumps(PROBLEM)), rows=None, to_head=True)

    assert judge(answered(status, ""), rows=None, to_head=True) == status


def test_a_lawful_request_that_is_refused_is_noticed() -> None:
    with pytest.raises(ViolationError, match=r"expected 1 prediction\(s\), got"):
        judge(answered(400, json.dumps(PROBLEM)), rows=1)


def test_a_failure_is_kept_under_the_number_of_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object, *, rows: int | None, **__: object) -> int:
        raise ViolationError(f"planted: {rows}")

    monkeypatch.setattr("fuzz.attack.judge", refuse)

    again = [attack_in_process(tmp_path, seed=7, numbers=[3, 900]).failures for _ in range(2)]

    assert again[0] == again[1]
    assert list(again[0]) == [3, 900]
    assert all("ViolationError: planted" in failure for failure in again[0].values())
