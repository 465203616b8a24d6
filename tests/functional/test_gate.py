"""The gate opens for the version that CodeDeploy is about to bring, and for golden rows alone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import graphs
from tests.functional.conftest import Handler, ImportHandler

HOOK = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}
CANDIDATE = "arn:aws:lambda:us-east-1:123456789012:function:predict:candidate"
GOLDEN = {"instances": [[1, 2], [3, 4]], "predictions": [{"total": 3.0}, {"total": 7.0}]}


class Lambda:
    """Versions of one function, called through an alias that moves when it is asked."""

    def __init__(self, answer: Callable[[Any], object], *versions: str) -> None:
        self._answer = answer
        self._versions = list(versions)

    def invoke(self, **request: str) -> dict[str, Any]:
        assert request["FunctionName"] == CANDIDATE
        answer = json.dumps(self._answer(json.loads(request["Payload"])))
        return {
            "ExecutedVersion": self._versions.pop(0),
            "Payload": io.BytesIO(answer.encode()),
        }


class CodeDeploy:
    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []

    def put_lifecycle_event_hook_execution_status(self, **status: str) -> None:
        self.told.append(status)


@pytest.fixture
def predict(import_handler: ImportHandler, tmp_path: Path) -> Handler:
    directory = graphs.save(graphs.total(), tmp_path / "sums" / "1")
    (directory / "golden.json").write_text(json.dumps(GOLDEN))
    return import_handler("predict", MODEL_DIR=str(directory))


@pytest.fixture
def codedeploy() -> CodeDeploy:
    return CodeDeploy()


@pytest.fixture
def gate(
    import_handler: ImportHandler,
    predict: Handler,
    codedeploy: CodeDeploy,
    monkeypatch: pytest.MonkeyPatch,
) -> Handler:
    """Expects version 7 with the digest of `predict`."""
    handler = import_handler(
        "gate",
        AWS_DEFAULT_REGION="us-east-1",
        MODEL_NAME="sums",
        SCORING_DIGEST=predict.module.model.digest,
        CANDIDATE=CANDIDATE,
        VERSION="7",
    )
    monkeypatch.setattr(handler.module, "codedeploy", codedeploy)
    monkeypatch.setattr(handler.module, "PAUSE_S", 0)
    monkeypatch.setattr(handler.module, "aws_lambda", Lambda(predict, "7"))
    return handler


def told(status: str) -> list[dict[str, str]]:
    return [
        {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status},
    ]


def test_it_opens_for_a_version_that_predicts_its_golden_rows(
    gate: Handler, codedeploy: CodeDeploy
) -> None:
    gate(HOOK)

    assert codedeploy.told == told("Succeeded")


def test_it_waits_until_the_alias_reaches_the_new_version(
    gate: Handler, predict: Handler, codedeploy: CodeDeploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.module, "aws_lambda", Lambda(predict, "6", "6", "7"))

    gate(HOOK)

    assert codedeploy.told == told("Succeeded")


def test_it_stays_shut_where_the_alias_never_reaches_it(
    gate: Handler, predict: Handler, codedeploy: CodeDeploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.module, "aws_lambda", Lambda(predict, *"66666"))

    with pytest.raises(gate.module.NotReadyError, match="expected version 7, got 6"):
        gate(HOOK)

    assert codedeploy.told == told("Failed")


def test_it_stays_shut_for_other_predictions_than_the_golden_ones(
    gate: Handler, predict: Handler, codedeploy: CodeDeploy, tmp_path: Path
) -> None:
    golden = GOLDEN | {"predictions": [{"total": 3.0}, {"total": 8.0}]}
    (tmp_path / "sums" / "1" / "golden.json").write_text(json.dumps(golden))

    with pytest.raises(gate.module.NotReadyError, match="sums: expected 200"):
        gate(HOOK)

    assert codedeploy.told == told("Failed")
    assert predict.lines[0]["message"] == "not ready"


def test_it_stays_shut_for_a_model_of_another_digest(
    gate: Handler, codedeploy: CodeDeploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DIGEST", "another")

    with pytest.raises(gate.module.NotReadyError, match="expected 200 by another"):
        gate(HOOK)

    assert codedeploy.told == told("Failed")


def test_it_stays_shut_for_a_function_that_crashes(
    gate: Handler, codedeploy: CodeDeploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed = {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"}
    monkeypatch.setattr(gate.module, "aws_lambda", Lambda(lambda _: crashed, "7"))

    with pytest.raises(gate.module.NotReadyError, match=r"Runtime\.ExitError"):
        gate(HOOK)

    assert codedeploy.told == told("Failed")
