from __future__ import annotations

import pytest

from serving.deployment import Deployment
from serving.model import Model
from tests import graphs


@pytest.fixture(scope="session")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Another version of the model `example`: the same sums under another scoring digest."""
    directory = tmp_path_factory.mktemp("models") / "example" / "2"
    graph = graphs.total()
    graph.doc_string = "trained again"
    return Model.load(Deployment(graphs.save(graph, directory), "example", 2))
