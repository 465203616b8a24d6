"""A model that is released again changes its own functions, and the catalog that lists it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdk.app import synthesize
from cdk.context import read_context
from local.assembly import Stack, read_assembly
from rehearsal.errors import FindingsError
from rehearsal.play import require_only_it_changed
from rehearsal.stage import copy_models, release_again
from rehearsal.state import Deployed
from tests.infrastructure.conftest import write_models
from tests.rehearsal.conftest import Account


def synthesized(models: Path, output: Path) -> list[Stack]:
    context = read_context()
    context["stages"]["dev"]["default_model"] = "housing"
    context["aws:cdk:disable-asset-staging"] = True
    return read_assembly(synthesize(models, context, output))


def test_only_its_images_change(account: Account, tmp_path: Path) -> None:
    models = copy_models(write_models(tmp_path / "source"), tmp_path / "models")
    before = synthesized(tmp_path / "models", tmp_path / "before")
    account.deploy(before)
    images = Deployed(account, before).images()
    housing = next(model for model in models if model.name == "housing")

    release_again(housing)
    after = synthesized(tmp_path / "models", tmp_path / "after")
    account.deploy_again(after)

    deployed = Deployed(account, after)
    assert deployed.compare().findings == []
    require_only_it_changed("housing", images, deployed.images())
    with pytest.raises(FindingsError, match="churn/Predict: expected another image, got the same"):
        require_only_it_changed("churn", images, deployed.images())


def test_a_lone_model_is_deployed_beside_a_copy_of_itself(tmp_path: Path) -> None:
    source = write_models(tmp_path / "source")
    (tmp_path / "alone").mkdir()
    (source / "churn").rename(tmp_path / "alone" / "churn")

    models = copy_models(tmp_path / "alone", tmp_path / "models")

    assert [(model.name, model.version) for model in models] == [("churn", 2), ("churn-again", 2)]
