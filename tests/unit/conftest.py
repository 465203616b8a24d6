from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket

from serving.deployment import Deployment
from serving.model import Model
from tests import graphs


@pytest.fixture(autouse=True)
def no_sockets() -> Iterator[None]:
    """A unit that opens a socket is no unit."""
    pytest_socket.disable_socket()
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def total(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model `example`, which adds X_0 and X_1."""
    directory = tmp_path_factory.mktemp("models") / "example" / "1"
    return Model.load(Deployment(graphs.save(graphs.total(), directory), "example", 1))


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model `parser`, which fails in the run on text that spells no number."""
    directory: Path = tmp_path_factory.mktemp("models") / "parser" / "1"
    return Model.load(Deployment(graphs.save(graphs.parser(), directory), "parser", 1))
