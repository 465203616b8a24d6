"""Stages synthesized once and shared, over models of a few bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cdk.app import synthesize
from cdk.context import read_context
from tests import graphs
from tests.infrastructure.assembly import Assembly

Context = dict[str, Any]

CARD = """
live = 1
title = "House prices"
owner = "The maintainers"
"""
GOLDEN = {
    "instances": [[1, 2], [3, 4], [5, 6]],
    "predictions": [{"total": 3.0}, {"total": 7.0}, {"total": 11.0}],
}


@pytest.fixture(scope="session")
def committed_context() -> Context:
    context = read_context()
    return context | {"aws:cdk:disable-asset-staging": True}


@pytest.fixture(scope="session")
def context_with(committed_context: Context) -> Callable[..., Context]:
    """The committed context, with some of the dev stage's settings replaced."""

    def context(**settings: object) -> Context:
        changed = deepcopy(committed_context)
        changed["stages"]["dev"] |= settings
        return changed

    return context


@pytest.fixture
def models_directory(tmp_path: Path) -> Path:
    return write_models(tmp_path / "models")


@pytest.fixture(scope="session")
def assembly(
    tmp_path_factory: pytest.TempPathFactory, context_with: Callable[..., Context]
) -> Assembly:
    """Two models: churn, without a card, and housing, which is the default."""
    models = write_models(tmp_path_factory.mktemp("models"))
    output = tmp_path_factory.mktemp("assembly")
    return Assembly(synthesize(models, context_with(default_model="housing"), output))


def write_models(directory: Path) -> Path:
    for version in ("churn/1", "churn/2", "housing/1", "housing/2"):
        graph = graphs.total()
        graph.doc_string = f"the graph of {version}"
        graphs.save(graph, directory / version)
    (directory / "housing" / "model.toml").write_text(CARD)
    (directory / "housing" / "1" / "golden.json").write_text(json.dumps(GOLDEN))
    return directory
