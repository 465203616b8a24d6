"""A model whose sizes or divisors a request would choose is not deployed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onnx import parser

from cdk.app import synthesize
from serving.errors import ConfigurationError
from tests import graphs

CARD = """
    live = 1
    [features]
    count = { kind = "number", minimum = 0, maximum = 9 }
"""


@pytest.fixture
def directory(models_directory: Path) -> Path:
    """A model that answers with as many zeros as it is told, beside others."""
    model = parser.parse_model(
        '<ir_version: 8, opset_import: ["": 18]> '
        "graph (int64[1] count) => (float[N] zeros) { zeros = ConstantOfShape(count) }"
    )
    return graphs.save(model, models_directory / "zeros" / "1")


def test_a_size_that_a_request_chooses_stops_the_app(
    directory: Path, context_with: Callable[..., Any], tmp_path: Path
) -> None:
    models = directory.parents[1]

    with pytest.raises(
        ConfigurationError, match=rf"^{directory}/model.onnx: ConstantOfShape .* input 'count'"
    ):
        synthesize(models, context_with(default_model="housing"), tmp_path / "assembly")


def test_a_size_that_the_card_bounds_does_not(
    directory: Path, context_with: Callable[..., Any], tmp_path: Path
) -> None:
    (directory.parent / "model.toml").write_text(CARD)

    synthesize(directory.parents[1], context_with(default_model="housing"), tmp_path / "assembly")

    assert (tmp_path / "assembly" / "manifest.json").is_file()
