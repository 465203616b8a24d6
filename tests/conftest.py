from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from hypothesis import settings

from serving.deployment import Deployment
from serving.model import Model
from tests import graphs

# How long an example takes says more of the machine than of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

LoadModel = Callable[..., Model]


@pytest.fixture
def load_model(tmp_path: Path) -> LoadModel:
    """Save a graph as models/<name>/1, with a card or without one, and load it."""

    def load(graph: onnx.ModelProto, *, card: str | None = None, name: str = "example") -> Model:
        directory = graphs.save(graph, tmp_path / "models" / name / "1", card=card)
        return Model.load(Deployment(directory, name, 1))

    return load
