"""`make versions`: what there is, what is live; and rolling back is one line in the card."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto

from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.golden import predict
from serving.model import Model
from serving.repository import live_version
from tests import graphs
from tests.registry.conftest import Command

LIBRARIES = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
TWO = """live = 2
[source.3]
url = "s3://models/adder/3"
files = { "model.onnx" = "%s" }
""" % ("0" * 64)


def doubled() -> onnx.ModelProto:
    """X [n, 2] -> total [n, 1]: twice the sum."""
    graph = graphs.total()
    weights = graph.graph.initializer[0]
    weights.CopyFrom(
        graphs.numpy_helper.from_array(2 * graphs.numpy_helper.to_array(weights), weights.name)
    )
    return graph


def prediction(model_directory: Path) -> object:
    live = live_version(model_directory)
    return predict(Model.load(Deployment(live.directory, live.name, live.version)), [[1, 2]])


def test_every_version_is_listed_fetched_or_not(command: Command, models: Path) -> None:
    graphs.save(doubled(), models / "adder" / "2", card=TWO)
    graphs.save(graphs.identity(TensorProto.FLOAT), models / "zero" / "1")

    outcome = command("versions")

    adder, zero = live_version(models / "adder"), live_version(models / "zero")
    first, second, other = (
        scoring_digest(directory, card, LIBRARIES)[:12]
        for directory, card in [
            (models / "adder" / "1", adder.card),
            (models / "adder" / "2", adder.card),
            (models / "zero" / "1", zero.card),
        ]
    )
    assert outcome.code == 0
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["model", "version", "live", "digest", "MiB", "golden", "rows", "source"],
        ["adder", "1", first, "0.0", "2", "here"],
        ["adder", "2", "live", second, "0.0", "none", "here"],
        ["adder", "3", "not", "fetched", "s3://models/adder/3"],
        ["zero", "1", "live", other, "0.0", "none", "here"],
    ]


def test_one_models_versions_are_listed_alone(command: Command, models: Path) -> None:
    shutil.copytree(models / "adder", models / "other")

    outcome = command("versions", "other")

    assert [line.split()[0] for line in outcome.out.splitlines()] == ["model", "other"]


def test_rolling_back_is_one_line_in_the_card(models: Path) -> None:
    adder = models / "adder"
    card = adder / "model.toml"
    graphs.save(doubled(), adder / "2")

    card.write_text("live = 2\n")
    promoted = prediction(adder)
    card.write_text("live = 1\n")
    rolled_back = prediction(adder)

    assert (promoted, rolled_back) == ([{"total": 6.0}], [{"total": 3.0}])
