"""`make admit`: a version is admitted under its scoring digest, or refused with a reason."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from onnx import TensorProto, helper

from serving.digest import scoring_digest
from serving.repository import live_version
from tests import graphs
from tests.registry.conftest import Command

LIBRARIES = {library: version(library) for library in ("onnxruntime", "numpy")}


def test_a_version_that_may_serve_is_admitted_under_its_digest(
    command: Command, models: Path
) -> None:
    outcome = command("admit", "adder")

    live = live_version(models / "adder")
    digest = scoring_digest(live.directory, live.card, LIBRARIES)
    assert outcome == (0, f"{live.directory}: admitted; its scoring digest is {digest}\n", "")


def test_a_version_without_golden_rows_is_admitted_as_such(command: Command, models: Path) -> None:
    (models / "adder" / "1" / "golden.json").unlink()

    outcome = command("admit", "adder")

    assert outcome.code == 0
    assert "1: admitted, without golden rows; its scoring digest is " in outcome.out


def test_a_version_that_may_not_serve_is_refused_with_a_reason(
    command: Command, models: Path
) -> None:
    strange = graphs.model(
        [helper.make_node("Steal", ["x"], ["y"], domain="acme")],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 1])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 1])],
    )
    directory = graphs.save(strange, models / "adder" / "2")

    outcome = command("admit", "adder", "--version", "2")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        f"{directory}/model.onnx: Steal of 'y': expected an operator of ai.onnx, ai.onnx.ml or "
        "com.microsoft that onnxruntime has, or a function of the model, got acme.Steal\n"
    )
