"""Sixty-four models fit into one stage; what does not fit is said at synthesis, in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk.app import synthesize
from cdk.quotas import check_quotas
from serving.errors import ConfigurationError
from tests import graphs

Json = dict[str, Any]


def many_models(directory: Path, count: int) -> Path:
    for number in range(count):
        graphs.save(graphs.total(), directory / f"model-{number}" / "1")
    return directory


def template_of(kind: str, count: int, properties: Json) -> Json:
    return {
        "Resources": {
            f"Resource{number}": {"Type": kind, "Properties": properties} for number in range(count)
        }
    }


def test_sixty_four_models_fit_into_one_stage(
    tmp_path: Path, context_with: Callable[..., Json]
) -> None:
    models = many_models(tmp_path / "models", 64)

    assembly = synthesize(models, context_with(default_model="model-0"), tmp_path / "assembly")

    assert len(list(assembly.glob("*-model-*.template.json"))) == 64


def test_more_models_than_a_stack_has_outputs_for_are_refused(
    tmp_path: Path, context_with: Callable[..., Json]
) -> None:
    models = many_models(tmp_path / "models", 65)

    with pytest.raises(
        ConfigurationError,
        match="onnx-lambda-dev-data: expected at most 200 outputs in a stack, got 203; "
        "deploy fewer models in this stage, and the others in another one",
    ):
        synthesize(models, context_with(default_model="model-0"), tmp_path / "assembly")


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (
            template_of("AWS::ApiGatewayV2::Route", 301, {}),
            "expected at most 300 HTTP API routes, got 301",
        ),
        (
            template_of("AWS::SQS::Queue", 501, {}),
            "expected at most 500 resources in a stack, got 501",
        ),
        (
            template_of(
                "AWS::S3::Bucket",
                1,
                {"NotificationConfiguration": {"QueueConfigurations": [{}] * 101}},
            ),
            "expected at most 100 notification filters on a bucket, got 101",
        ),
    ],
)
def test_a_template_above_a_quota_is_refused(tmp_path: Path, template: Json, sentence: str) -> None:
    path = tmp_path / "stack.template.json"
    path.write_text(json.dumps(template))

    with pytest.raises(ConfigurationError, match=f"stack: {sentence}"):
        check_quotas({"stack": path})
