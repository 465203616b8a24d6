"""The demo notices what is not as promised."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from local.demo import show
from local.errors import DemoFailedError

if TYPE_CHECKING:
    from local.cloud import Cloud


def with_golden(cloud: Cloud, directory: Path, golden: dict[str, Any]) -> Cloud:
    """The cloud, as if its default model's version held these golden rows."""
    (directory / "golden.json").write_text(json.dumps(golden))
    return with_version(cloud, directory)


def with_version(cloud: Cloud, directory: Path) -> Cloud:
    """The cloud, as if its default model's version were in this directory."""
    assert cloud.default_model is not None
    return cast(
        "Cloud",
        SimpleNamespace(
            api_url=cloud.api_url,
            data_plane=cloud.data_plane,
            default_model=replace(cloud.default_model, directory=directory),
        ),
    )


def test_a_prediction_unlike_its_golden_one_fails_the_demo(cloud: Cloud, tmp_path: Path) -> None:
    assert cloud.default_model is not None
    [(instance, prediction), *_] = cloud.default_model.golden_rows()
    golden = {"instances": [instance], "predictions": [{"price": 1.0}]}

    with pytest.raises(DemoFailedError) as raised:
        show(with_golden(cloud, tmp_path, golden))

    assert str(raised.value) == (
        f"price: expected 1.0, as in golden.json, got {prediction['price']}"
    )


def test_a_refused_request_fails_the_demo(cloud: Cloud, tmp_path: Path) -> None:
    golden = {"instances": [{"unknown": 1}], "predictions": [{"price": 1.0}]}

    with pytest.raises(DemoFailedError) as raised:
        show(with_golden(cloud, tmp_path, golden))

    assert str(raised.value) == "the status: expected 200, got 422"


def test_without_golden_rows_there_is_nothing_to_show(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(DemoFailedError) as raised:
        show(with_version(cloud, tmp_path))

    assert str(raised.value) == (
        "expected golden.json beside the default model's model.onnx, found none to show; "
        "docs/cards.md says what it holds, and `make serve` does without"
    )
