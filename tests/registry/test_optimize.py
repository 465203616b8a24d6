"""`make optimize`: a next version that is as right, or none. Times are made up: see times_of."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import orjson
import pytest
from onnx import TensorProto, helper

from registry import contest, examination, rewriting
from registry.examination import MIXED_ROWS, mixed
from serving.deployment import Deployment
from serving.golden import predict, read_golden, require_golden
from serving.model import Model
from serving.optimization import is_optimized
from tests import graphs
from tests.registry.conftest import Command

WIDTH = 40
ROWS = np.random.default_rng(1).standard_normal((3, WIDTH)).astype(np.float32)


@pytest.fixture
def network(models: Path) -> Path:
    """models/network: a perceptron whose weights are large enough for a file of their own."""
    directory = graphs.save(
        graphs.perceptron(WIDTH, hidden=64), models / "network" / "1", card="live = 1\n"
    )
    session = onnxruntime.InferenceSession(directory / "model.onnx")
    golden = {
        "instances": ROWS.tolist(),
        "predictions": [{"y": y} for y in session.run(None, {"X": ROWS})[0].ravel().tolist()],
    }
    (directory / "golden.json").write_bytes(orjson.dumps(golden))
    (directory / "labels.txt").write_text("kept as it is\n")
    return directory.parent


def take(monkeypatch: pytest.MonkeyPatch, **cold_s: float) -> None:
    """Makes candidates take so long to load, by their names, and others 1 s."""

    def times_of(candidates: Mapping[str, object], *_: object) -> Mapping[str, Sequence[float]]:
        return {name: [cold_s.get(name.replace(" ", "_"), 1.0)] * 4 for name in candidates}

    monkeypatch.setattr(examination, "cold_times", times_of)
    monkeypatch.setattr(examination, "warm_times", lambda c, *_: {name: [1.0] * 4 for name in c})


def report_of(version: Path) -> dict[str, object]:
    report: dict[str, object] = orjson.loads((version / "optimization.json").read_bytes())
    return report


def test_the_candidate_that_loads_fastest_becomes_the_next_version(
    command: Command, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, extended_mapped=0.5, extended=0.7)

    outcome = command("optimize", "network")

    assert outcome.code == 0
    assert "extended mapped; `live = 2` in the card makes it live" in outcome.err
    assert sorted(path.name for path in network.iterdir()) == ["1", "2", "model.toml"]
    assert sorted(path.name for path in (network / "2").iterdir()) == [
        "golden.json", "labels.txt", "model.onnx", "optimization.json", "weights.bin",
    ]  # fmt: skip
    require_golden(Model.load(Deployment(network / "2", "network", 2)), network / "2")


def test_the_report_says_what_was_compared_and_why_it_was_chosen(
    command: Command, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, extended=0.5)

    command("optimize", "network", "--quantize", "int8")

    report = report_of(network / "2")
    candidates = report.pop("candidates")
    assert report == {
        "optimized": True,
        "from_version": 1,
        "chosen": "extended",
        "onnxruntime": onnxruntime.__version__,
        "tolerance": 0.0,
    }
    assert isinstance(candidates, list)
    assert {c["name"]: c["verdict"] for c in candidates} == {
        "as is": "",
        "extended": "a gain",
        "extended mapped": "loads no faster",
        "int8 extended": "differs: beyond a tolerance of 0",
    }


def test_weights_that_are_too_small_to_be_mapped_are_not_tried_so(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, extended=0.5)

    outcome = command("optimize", "adder")

    assert outcome.code == 0
    assert "extended mapped" not in outcome.out


def test_where_nothing_is_gained_nothing_is_written(
    command: Command, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch)

    outcome = command("optimize", "network")

    assert outcome.code == 0
    assert "nothing would load faster" in outcome.err
    assert sorted(path.name for path in network.iterdir()) == ["1", "model.toml"]


@pytest.mark.parametrize(("quantize", "chosen"), [("int8", "int8 extended"), ("fp16", "fp16")])
def test_fewer_bits_are_chosen_where_the_card_tolerates_what_they_change(
    command: Command,
    network: Path,
    monkeypatch: pytest.MonkeyPatch,
    quantize: str,
    chosen: str,
) -> None:
    (network / "model.toml").write_text("live = 1\n[golden]\ntolerance = 1.0\n")
    take(monkeypatch, **{chosen.replace(" ", "_"): 0.1})

    outcome = command("optimize", "network", "--quantize", quantize)

    assert (outcome.code, report_of(network / "2")["chosen"]) == (0, chosen)


def test_a_version_without_golden_rows_cannot_be_judged(command: Command, network: Path) -> None:
    (network / "1" / "golden.json").unlink()

    outcome = command("optimize", "network")

    assert outcome.code == 2
    assert "expected golden.json, by which an optimised graph is judged" in outcome.err


def test_a_version_that_breaks_its_promise_is_not_optimised(
    command: Command, network: Path
) -> None:
    golden = {"instances": ROWS[:1].tolist(), "predictions": [{"y": 1e6}]}
    (network / "1" / "golden.json").write_bytes(orjson.dumps(golden))

    outcome = command("optimize", "network")

    assert outcome.code == 2
    assert "row 0, y: expected 1000000.0, got" in outcome.err


@pytest.mark.usefixtures("network")
def test_a_version_is_optimised_once(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    take(monkeypatch, extended=0.5)
    command("optimize", "network")

    outcome = command("optimize", "network", "--version", "2")

    assert outcome.code == 2
    assert "expected a version that is not optimised yet" in outcome.err


@pytest.mark.parametrize("chosen", ["extended", "extended mapped"])
def test_weights_in_a_file_of_their_own_are_optimised_too(
    command: Command, network: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    version = network / "1"
    onnx.save(
        onnx.load(version / "model.onnx"),
        version / "model.onnx",
        save_as_external_data=True,
        location="data.bin",
        size_threshold=0,
    )
    take(monkeypatch, **{chosen.replace(" ", "_"): 0.5})

    outcome = command("optimize", "network")

    assert (outcome.code, report_of(network / "2")["chosen"]) == (0, chosen)
    require_golden(Model.load(Deployment(network / "2", "network", 2)), network / "2")


def test_a_graph_with_convolutions_is_still_laid_out_for_the_cpu_that_loads_it(
    command: Command, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graphs.model(
        [helper.make_node("Conv", ["x", "kernel"], ["y"])],
        [graphs.tensor("x", TensorProto.FLOAT, [None, 1, 3, 3])],
        [graphs.tensor("y", TensorProto.FLOAT, [None, 1, 1, 1])],
        kernel=np.ones((1, 1, 3, 3), np.float32),
    )
    version = graphs.save(graph, models / "filter" / "1")
    golden = {"instances": [{"x": np.ones((1, 3, 3)).tolist()}], "predictions": [{"y": 9.0}]}
    (version / "golden.json").write_bytes(orjson.dumps(golden))
    take(monkeypatch, extended=0.5)

    outcome = command("optimize", "filter")

    assert (outcome.code, is_optimized(models / "filter" / "2")) == (0, False)


def test_a_graph_saved_at_extended_level_declares_only_what_it_uses(network: Path) -> None:
    target = network.parent / "optimized.onnx"

    rewriting.optimize(network / "1" / "model.onnx", target)

    assert [opset.domain for opset in onnx.load(target).opset_import] == [""]


def test_mixed_rows_hold_cells_of_their_own_columns() -> None:
    rows = np.array([[1, 10], [2, 20], [3, 30]])

    found = mixed(rows)

    assert found.shape == (MIXED_ROWS, 2)
    assert set(found[:, 0]) <= {1, 2, 3}
    assert set(found[:, 1]) <= {10, 20, 30}


def test_loading_is_timed_in_a_process_of_its_own(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setattr(contest, "COLD_ROUNDS", 1)

    [time_s] = contest.cold_times({"as is": network / "1"}, "network")["as is"]

    assert time_s > 0


def test_an_optimised_version_predicts_the_same_bits(
    command: Command, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(monkeypatch, extended=0.5)
    command("optimize", "network")
    golden = read_golden(network / "1")
    assert golden is not None

    before, after = (
        predict(Model.load(Deployment(network / str(n), "network", n)), golden.instances)
        for n in (1, 2)
    )

    assert after == before
