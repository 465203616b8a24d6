"""A version that misses its golden rows makes no image, and the doctor says why."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from cdk.deployed_model import DeployedModel, deployed_models
from doctor.finding import Finding, Grade
from doctor.golden_finding import golden_finding
from tests import graphs


@pytest.fixture
def adder(tmp_path: Path) -> DeployedModel:
    """X_0 + X_1, without golden rows."""
    graphs.save(graphs.total(), tmp_path / "adder" / "1")
    [model] = deployed_models(tmp_path)
    return model


def promise(model: DeployedModel, content: object) -> Path:
    path = model.directory / "golden.json"
    path.write_bytes(orjson.dumps(content))
    return path


def promised(row: object, total: float) -> dict[str, list[object]]:
    return {"instances": [row], "predictions": [{"total": total}]}


def test_golden_rows_that_are_predicted_are_fine(adder: DeployedModel) -> None:
    promise(adder, promised([1, 2.5], 3.5))

    assert golden_finding(adder) == Finding(
        Grade.FINE, "golden", "its golden rows get the predictions that they must"
    )


def test_without_golden_rows_one_is_made_up(adder: DeployedModel) -> None:
    assert golden_finding(adder) == Finding(
        Grade.WARNS,
        "golden",
        "there is no golden.json, and a row was made up: `make golden` keeps real ones",
    )


def test_a_prediction_that_is_another_breaks_with_the_difference(adder: DeployedModel) -> None:
    path = promise(adder, promised([1, 2.5], 4.5))

    assert golden_finding(adder) == Finding(
        Grade.BREAKS,
        "golden",
        f"no image can be made, and nothing was measured: {path}: row 0, total: expected 4.5, got "
        "3.5; either the version is not what it was, or the card's tolerance ([golden] in "
        "model.toml) is too small for this machine",
    )


def test_rows_that_do_not_fit_the_card_break_as_such(adder: DeployedModel) -> None:
    path = promise(adder, promised({"X_0": 1, "other": 2}, 3))

    finding = golden_finding(adder)

    assert finding.grade is Grade.BREAKS
    assert finding.sentence.startswith(
        f"no image can be made, and nothing was measured: {path}: expected rows that the model "
        "predicts: row 0: "
    )
    assert "other" in finding.sentence


def test_what_holds_no_golden_rows_breaks(adder: DeployedModel) -> None:
    path = promise(adder, {"instances": [[1, 2]], "predictions": []})

    assert golden_finding(adder).sentence == (
        f"no image can be made, and nothing was measured: {path}: expected rows and a prediction "
        "for each, got 0 prediction(s) for 1 row(s)"
    )
