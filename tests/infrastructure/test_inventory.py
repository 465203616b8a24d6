"""The catalog is told what a loaded model would say of itself, and how callers identify."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from cdk.app import ROOT, synthesize
from serving.deployment import Deployment
from serving.description import describe
from serving.errors import ConfigurationError
from serving.model import Model
from tests import graphs
from tests.infrastructure.assembly import Assembly

Json = dict[str, Any]


def inventory_of(assembly: Path) -> Json:
    inventory: Json = json.loads((assembly / "catalog" / "models.json").read_bytes())
    return inventory


def test_the_catalog_lists_what_is_deployed(assembly: Assembly) -> None:
    inventory = inventory_of(assembly.directory)

    models = [(model["model"], model["version"], model["title"]) for model in inventory["models"]]
    assert models == [("churn", 2, ""), ("housing", 1, "House prices")]
    assert (inventory["stage"], inventory["default_model"]) == ("dev", "housing")


def test_a_model_is_described_as_a_loaded_one_describes_itself(
    context_with: Callable[..., Json], tmp_path: Path
) -> None:
    synthesize(ROOT / "models", context_with(default_model="housing"), tmp_path / "assembly")

    listed = inventory_of(tmp_path / "assembly")["models"]

    model = Model.load(Deployment(ROOT / "models/housing/1", "housing", 1))
    described = {description["model"]: description for description in listed}
    assert described["housing"] == orjson.loads(orjson.dumps(describe(model)))


def test_the_first_golden_rows_are_a_models_example(assembly: Assembly) -> None:
    inventory = inventory_of(assembly.directory)

    assert inventory["examples"] == {
        "churn": None,
        "housing": {
            "instances": [[1, 2], [3, 4]],
            "predictions": [{"total": 3.0}, {"total": 7.0}],
        },
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("no JSON", "expected JSON: "),
        ("[]", 'expected {"instances": '),
        ('{"instances": []}', 'expected {"instances": '),
        (
            '{"instances": [[1, 2]], "predictions": []}',
            "expected rows and a prediction for each, got 0 prediction(s) for 1 row(s)",
        ),
    ],
)
def test_golden_rows_that_are_none_stop_the_app(
    models_directory: Path,
    context_with: Callable[..., Json],
    tmp_path: Path,
    content: str,
    expected: str,
) -> None:
    golden = models_directory / "housing" / "1" / "golden.json"
    golden.write_text(content)

    with pytest.raises(ConfigurationError, match=f"^{re.escape(f'{golden}: {expected}')}"):
        synthesize(models_directory, context_with(default_model="housing"), tmp_path / "assembly")


@pytest.mark.parametrize(
    ("settings", "auth"),
    [
        ({"auth": "iam"}, {"kind": "iam"}),
        ({"auth": "none"}, {"kind": "none"}),
        (
            {"auth": "jwt", "jwt": {"issuer": "https://id.example", "audience": ["a", "b"]}},
            {"kind": "jwt", "issuer": "https://id.example", "audience": ["a", "b"]},
        ),
    ],
)
def test_the_catalog_knows_how_callers_identify(
    context_with: Callable[..., Json], tmp_path: Path, settings: Json, auth: Json
) -> None:
    graphs.save(graphs.total(), tmp_path / "models/sums/1")

    synthesize(tmp_path / "models", context_with(**settings), tmp_path / "assembly")

    assert inventory_of(tmp_path / "assembly")["auth"] == auth
