"""The app synthesizes anywhere, whatever the command line adds, and says what stops it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from cdk.app import ROOT, synthesize
from serving.errors import ConfigurationError
from tests import graphs
from tests.infrastructure.assembly import Assembly

Json = dict[str, Any]


def run_app(models: Path, output: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """In an environment with Node.js and nothing else: no Docker, no credentials."""
    node = shutil.which("node")
    assert node is not None
    return subprocess.run(
        [sys.executable, "-m", "cdk.app"],
        cwd=ROOT,
        env={
            "PATH": str(Path(node).parent),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers/serving/python")]),
            "HOME": str(Path.home()),  # where unpacked CDK is cached
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "MODELS_DIR": str(models),
            "CDK_OUTDIR": str(output),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def references(value: object) -> Iterator[str]:
    match value:
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
            yield logical_id
        case dict():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)


def test_one_model_synthesizes_without_docker_credentials_or_settings_of_its_own(
    tmp_path: Path,
) -> None:
    graphs.save(graphs.total(), tmp_path / "models/churn/1")
    context = {"stage": "prod", "aws:cdk:disable-asset-staging": True}

    process = run_app(
        tmp_path / "models", tmp_path / "assembly", CDK_CONTEXT_JSON=json.dumps(context)
    )

    assert (process.returncode, process.stderr) == (0, "")
    assert {path.name for path in (tmp_path / "assembly").glob("*.template.json")} == {
        "onnx-lambda-prod-data.template.json",
        "onnx-lambda-prod-model-churn.template.json",
        "onnx-lambda-prod-api.template.json",
    }


def test_without_staging_nothing_is_copied(assembly: Assembly) -> None:
    assert list(assembly.directory.glob("asset.*")) == []


def test_what_stops_the_app_is_one_sentence(models_directory: Path, tmp_path: Path) -> None:
    (models_directory / "housing").rename(models_directory / "fraud")

    process = run_app(models_directory, tmp_path / "assembly")

    assert process.returncode == 1
    assert process.stderr == (
        "cdk.json: context.stages.dev.default_model: expected one of churn, fraud, got housing\n"
    )


def test_a_default_model_that_is_not_there_is_refused(
    models_directory: Path, context_with: Callable[..., Json], tmp_path: Path
) -> None:
    context = context_with(default_model="fraud")

    with pytest.raises(
        ConfigurationError, match=r"dev\.default_model: expected one of churn, housing, got fraud"
    ):
        synthesize(models_directory, context, tmp_path / "assembly")


def test_two_stages_share_an_account_and_no_name(
    models_directory: Path, context_with: Callable[..., Json], assembly: Assembly, tmp_path: Path
) -> None:
    context = context_with(default_model="housing")
    prod = context | {"stage": "prod"}
    prod["stages"]["prod"]["default_model"] = "housing"

    other = Assembly(synthesize(models_directory, prod, tmp_path / "assembly"))

    # CloudFormation names the rest after its stack.
    named = {"Name", "BucketName", "QueueName", "FunctionName", "TopicName", "RoleName"}
    names = [exported_names(both) | api_names(both) for both in (assembly, other)]
    physical = {
        (resource.type, name)
        for resource in other.resources.values()
        for name in named & resource.properties.keys()
    }
    assert set(assembly.templates).isdisjoint(other.templates)
    assert names[0].isdisjoint(names[1])
    assert physical == {
        ("AWS::ApiGatewayV2::Api", "Name"),
        # Of a function that CloudFormation has named.
        ("AWS::Lambda::Alias", "FunctionName"),
        ("AWS::Lambda::Alias", "Name"),
        ("AWS::Lambda::EventSourceMapping", "FunctionName"),
        ("AWS::Lambda::Permission", "FunctionName"),
        ("AWS::Lambda::Version", "FunctionName"),
    }


def exported_names(assembly: Assembly) -> set[str]:
    return {
        output["Export"]["Name"]
        for template in assembly.templates.values()
        for output in template["Outputs"].values()
        if "Export" in output
    }


def api_names(assembly: Assembly) -> set[str]:
    return {api["Name"] for api in assembly.of_type("AWS::ApiGatewayV2::Api").values()}


def test_no_stack_waits_for_one_that_waits_for_it(assembly: Assembly) -> None:
    artifacts = assembly.manifest["artifacts"]
    graph = {name: artifact.get("dependencies", []) for name, artifact in artifacts.items()}

    order = [name for name in TopologicalSorter(graph).static_order() if name in assembly.templates]

    assert order[0] == "onnx-lambda-dev-data"
    assert order[-1] == "onnx-lambda-dev-api"


def test_no_resource_waits_for_one_that_waits_for_it(assembly: Assembly) -> None:
    for template in assembly.templates.values():
        resources = template["Resources"]
        graph = {
            logical_id: {
                *references([body.get("Properties"), body.get("UpdatePolicy")]),
                *body.get("DependsOn", []),
            }
            & {*resources}
            for logical_id, body in resources.items()
        }

        order = list(TopologicalSorter(graph).static_order())

        assert sorted(order) == sorted(resources)


def test_cloudformations_own_rules_find_nothing(assembly: Assembly) -> None:
    report = json.loads((assembly.directory / "validation-report.json").read_bytes())

    assert report["pluginReports"] == []


def test_what_is_no_model_stops_the_app(
    models_directory: Path, context_with: Callable[..., Json], tmp_path: Path
) -> None:
    graph = models_directory / "housing" / "1" / "model.onnx"
    graph.write_text("no graph")

    with pytest.raises(
        ConfigurationError, match=rf"^{graph}: expected an ONNX model, got something else$"
    ):
        synthesize(models_directory, context_with(default_model="housing"), tmp_path / "assembly")


def test_a_card_that_does_not_fit_its_graph_stops_the_app(
    models_directory: Path, context_with: Callable[..., Json], tmp_path: Path
) -> None:
    (models_directory / "housing" / "model.toml").write_text(
        'live = 1\n[features]\nlotsize = { kind = "number" }\n'
    )

    with pytest.raises(
        ConfigurationError, match=r"features: expected 2 feature\(s\) for input 'X'"
    ):
        synthesize(models_directory, context_with(default_model="housing"), tmp_path / "assembly")
