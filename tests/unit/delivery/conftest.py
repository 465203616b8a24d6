from __future__ import annotations

from pathlib import Path

import pytest

from serving.deployment import Deployment
from serving.model import Model
from tests import graphs


@pytest.fixture(scope="session")
def total(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model `example`, which adds X_0 and X_1."""
    directory = tmp_path_factory.mktemp("models") / "example" / "1"
    return Model.load(Deployment(graphs.save(graphs.total(), directory), "example", 1))


@pytest.fixture(scope="session")
def retrained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Another version of the model `example`: the same sums under another scoring digest."""
    directory = tmp_path_factory.mktemp("models") / "example" / "2"
    graph = graphs.total()
    graph.doc_string = "trained again"
    return Model.load(Deployment(graphs.save(graph, directory), "example", 2))


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model `parser`, which fails in the run on text that spells no number."""
    directory: Path = tmp_path_factory.mktemp("models") / "parser" / "1"
    return Model.load(Deployment(graphs.save(graphs.parser(), directory), "parser", 1))
