"""The two functions of a model are built alike, and neither tells anybody what it does."""

from __future__ import annotations

import difflib

import pytest

from images.recipe import ROOT


def lines(function: str) -> list[str]:
    return (ROOT / "functions" / function / "Dockerfile").read_text().splitlines()


def test_predict_and_score_differ_in_their_names_and_in_what_score_must_be_told() -> None:
    predict = [line.replace("predict", "score") for line in lines("predict")]

    different = [
        line for line in difflib.unified_diff(predict, lines("score"), n=0) if line[:3] != "+++"
    ]

    told = [line for line in different if line.startswith("+")]
    assert [line.split("=")[0].strip("+ ") for line in told] == ["INBOX_BUCKET", "QUEUE_ARN"]


@pytest.mark.parametrize("function", ["predict", "score"])
def test_onnxruntime_sends_nothing_to_its_maker(function: str) -> None:
    assert "ENV ORT_DISABLE_TELEMETRY=1" in lines(function)
