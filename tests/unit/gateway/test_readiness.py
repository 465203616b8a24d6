"""Readiness: a model is ready when it predicts its golden rows, and says once why it is not."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.access_log import AccessLog
from gateway.problem import NOT_FOUND, NOT_READY, ProblemError
from gateway.readiness import Readiness
from gateway.request import Request
from serving.errors import ConfigurationError
from serving.model import Model
from tests import graphs
from tests.conftest import LoadModel


class Asked:
    """The readiness of a model beside a log in memory."""

    def __init__(self, model: Model, version_directory: Path) -> None:
        self._log = StringIO()
        with redirect_stdout(self._log):
            log = AccessLog("predict", namespace="Tests", dimensions={"model": model.name})
        self._readiness = Readiness(model, version_directory, log)

    def __call__(self, **parameters: str) -> dict[str, Any]:
        response = self._readiness.get_model_ready(Request(parameters=parameters))
        document: dict[str, Any] = orjson.loads(response.body)
        return document

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self._log.getvalue().splitlines()]


@pytest.fixture
def adder(load_model: LoadModel) -> Model:
    return load_model(graphs.total(), name="adder")


@pytest.fixture
def version(adder: Model, tmp_path: Path) -> Path:
    return tmp_path / "models" / adder.name / "1"


def promise(version: Path, total: float) -> None:
    golden = {"instances": [[1, 2]], "predictions": [{"total": total}]}
    (version / "golden.json").write_bytes(orjson.dumps(golden))


def test_a_model_that_promises_nothing_is_ready(adder: Model, version: Path) -> None:
    asked = Asked(adder, version)

    assert (asked(), asked.lines) == ({"name": "adder", "ready": True}, [])


def test_a_model_that_keeps_its_promise_is_ready(adder: Model, version: Path) -> None:
    promise(version, 3.0)

    assert Asked(adder, version)(model="adder", version="1") == {"name": "adder", "ready": True}


def test_a_model_that_breaks_it_is_not_and_the_log_says_why_once(
    adder: Model, version: Path
) -> None:
    promise(version, 4.0)
    asked = Asked(adder, version)

    for _ in range(2):
        with pytest.raises(ProblemError, match="adder: its golden rows get other") as raised:
            asked()

    [line] = asked.lines
    assert raised.value.problem is NOT_READY
    assert (line["level"], line["message"], line["model"]) == ("ERROR", "not ready", "adder")
    assert "golden.json: row 0, total: expected 4.0, got 3.0" in line["reason"]


@pytest.mark.parametrize(
    "content",
    [
        b"no JSON",
        b'{"instances": {"0": [1, 2]}, "predictions": [1]}',
        b'{"instances": [[1, "two"]], "predictions": [{"total": 3.0}]}',
        b'{"instances": [[1, 2]], "predictions": [{"total": [3.0, 4.0]}]}',
        b'{"instances": [[1, 2]], "predictions": [3.0]}',
    ],
)
def test_a_promise_that_cannot_be_held_against_the_model_is_not_kept(
    adder: Model, version: Path, content: bytes
) -> None:
    (version / "golden.json").write_bytes(content)

    with pytest.raises(ProblemError) as raised:
        Asked(adder, version)()

    assert raised.value.problem is NOT_READY


def test_a_version_whose_replay_fails_is_not_ready(
    adder: Model, version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConfigurationError("a library is missing")

    promise(version, 3.0)
    monkeypatch.setattr(Model, "predict", fail)

    with pytest.raises(ProblemError) as raised:
        Asked(adder, version)()

    assert raised.value.problem is NOT_READY


def test_the_answer_is_kept(adder: Model, version: Path) -> None:
    promise(version, 3.0)
    asked = Asked(adder, version)
    before = asked()

    promise(version, 4.0)

    assert asked() == before


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"model": "housing"}, "model: expected adder, got housing"),
        ({"model": "adder", "version": "2"}, "version: expected 1, got 2"),
    ],
)
def test_another_model_or_version_is_not_found_and_the_one_there_is_named(
    adder: Model, version: Path, parameters: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        Asked(adder, version)(**parameters)

    assert (raised.value.problem, str(raised.value)) == (NOT_FOUND, sentence)
