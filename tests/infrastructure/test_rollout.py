"""A new version takes over behind an alias: after the gate, step by step, and back by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cdk.app import synthesize
from tests.infrastructure.assembly import Assembly, Json
from tests.infrastructure.conftest import Context, write_models

Synthesize = Callable[..., Assembly]

HOUSING = "model-housing"


@pytest.fixture
def synthesized(
    models_directory: Path, context_with: Callable[..., Context], tmp_path: Path
) -> Synthesize:
    """The stage with these settings, over the models as they are by then."""

    def make(name: str, **settings: object) -> Assembly:
        context = context_with(default_model="housing", **settings)
        return Assembly(synthesize(models_directory, context, tmp_path / name))

    return make


def statements(assembly: Assembly, role: str) -> list[Json]:
    [policy] = assembly.resources[role].properties["Policies"]
    found: list[Json] = policy["PolicyDocument"]["Statement"]
    return found


def versions(assembly: Assembly) -> dict[str, str]:
    """The logical id of the version behind each alias."""
    return {
        f"{stack}/{body['Properties']['Name']}/{body['Properties']['FunctionName']['Ref']}": body[
            "Properties"
        ]["FunctionVersion"]["Fn::GetAtt"][0]
        for stack, template in assembly.templates.items()
        for body in template["Resources"].values()
        if body["Type"] == "AWS::Lambda::Alias"
    }


@pytest.mark.parametrize("function", ["Predict", "Score"])
def test_live_is_the_version_of_this_image_and_earlier_ones_are_kept(
    assembly: Assembly, function: str
) -> None:
    live = assembly.resources[f"{HOUSING}/{function}/Live"].properties
    version = assembly.resources[f"{HOUSING}/{function}/CurrentVersion"].body

    assert live == {
        "FunctionName": f"{HOUSING}/{function}",
        "FunctionVersion": f"{HOUSING}/{function}/CurrentVersion.Version",
        "Name": "live",
    }
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(
    ("settings", "configuration"),
    [
        ({}, "LambdaCanary10Percent5Minutes"),
        ({"rollout": "linear"}, "LambdaLinear10PercentEvery1Minute"),
        ({"rollout": "all-at-once"}, "LambdaAllAtOnce"),
    ],
)
def test_callers_go_over_as_the_stage_says_and_back_on_an_alarm(
    synthesized: Synthesize, settings: Json, configuration: str
) -> None:
    assembly = synthesized("assembly", **settings)

    group = assembly.resources[f"{HOUSING}/Rollout/Group"].properties
    assert group == {
        "ApplicationName": f"{HOUSING}/Rollout/Application",
        "DeploymentConfigName": f"CodeDeployDefault.{configuration}",
        "DeploymentStyle": {
            "DeploymentOption": "WITH_TRAFFIC_CONTROL",
            "DeploymentType": "BLUE_GREEN",
        },
        "AlarmConfiguration": {
            "Alarms": [
                {"Name": f"{HOUSING}/Alarms/RolloutErrors"},
                {"Name": f"{HOUSING}/Alarms/RolloutSlow"},
            ],
            "Enabled": True,
        },
        "AutoRollbackConfiguration": {
            "Enabled": True,
            "Events": [
                "DEPLOYMENT_FAILURE",
                "DEPLOYMENT_STOP_ON_REQUEST",
                "DEPLOYMENT_STOP_ON_ALARM",
            ],
        },
        "ServiceRoleArn": f"{HOUSING}/Rollout/Role.Arn",
    }


def test_the_gate_decides_before_any_traffic_goes_over(assembly: Assembly) -> None:
    resources = assembly.templates[f"onnx-lambda-dev-{HOUSING}"]["Resources"]
    [live] = [body for body in resources.values() if "UpdatePolicy" in body]

    update = live["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]

    paths = {
        name: resources[update[name]["Ref"]]["Metadata"]["aws:cdk:path"].split("/", 1)[1]
        for name in update
    }
    awaited = {resources[name]["Metadata"]["aws:cdk:path"] for name in live["DependsOn"]}
    assert live["Metadata"]["aws:cdk:path"].endswith("/Predict/Live/Resource")
    assert paths == {
        "ApplicationName": "Rollout/Application/Resource",
        "DeploymentGroupName": "Rollout/Group/Resource",
        "BeforeAllowTrafficHook": "Rollout/Gate/Resource",
    }
    assert awaited == {
        f"onnx-lambda-dev-{HOUSING}/Rollout/Gate/{part}" for part in ("Resource", "Asked")
    }


def test_the_gate_asks_the_new_version_through_an_alias_that_nobody_else_calls(
    assembly: Assembly,
) -> None:
    gate = assembly.resources[f"{HOUSING}/Rollout/Gate"].properties
    candidate = assembly.resources[f"{HOUSING}/Rollout/Candidate"].properties

    variables = gate["Environment"]["Variables"]
    assert candidate == {
        "FunctionName": f"{HOUSING}/Predict",
        "FunctionVersion": f"{HOUSING}/Predict/CurrentVersion.Version",
        "Name": "candidate",
    }
    assert len(variables.pop("SCORING_DIGEST")) == 64
    assert variables == {
        "MODEL_NAME": "housing",
        "CANDIDATE": f"{HOUSING}/Rollout/Candidate",
        "VERSION": f"{HOUSING}/Predict/CurrentVersion.Version",
    }


def test_the_gate_may_ask_the_candidate_and_decide_its_own_rollout(assembly: Assembly) -> None:
    allowed = statements(assembly, f"{HOUSING}/Rollout/GateRole")

    assert allowed == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{HOUSING}/Rollout/GateLog.Arn",
        },
        {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": f"{HOUSING}/Rollout/Candidate",
        },
        {
            "Effect": "Allow",
            "Action": "codedeploy:PutLifecycleEventHookExecutionStatus",
            "Resource": "arn:<AWS::Partition>:codedeploy:<AWS::Region>:<AWS::AccountId>:"
            f"deploymentgroup:{HOUSING}/Rollout/Application/{HOUSING}/Rollout/Group",
        },
    ]


def test_codedeploy_may_move_one_alias_watch_two_alarms_and_ask_one_gate(
    assembly: Assembly,
) -> None:
    allowed = statements(assembly, f"{HOUSING}/Rollout/Role")
    asked = assembly.resources[f"{HOUSING}/Rollout/Gate/Asked"].properties

    assert allowed == [
        {
            "Effect": "Allow",
            "Action": ["lambda:GetAlias", "lambda:UpdateAlias"],
            "Resource": f"{HOUSING}/Predict.Arn",
        },
        {
            "Effect": "Allow",
            "Action": "lambda:GetProvisionedConcurrencyConfig",
            "Resource": f"{HOUSING}/Predict.Arn:live",
        },
        {
            "Effect": "Allow",
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": [
                f"{HOUSING}/Alarms/RolloutErrors.Arn",
                f"{HOUSING}/Alarms/RolloutSlow.Arn",
            ],
        },
    ]
    assert asked == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": f"{HOUSING}/Rollout/Gate.Arn",
        "Principal": f"{HOUSING}/Rollout/Role.Arn",
    }


def test_files_go_over_all_at_once_when_callers_have(assembly: Assembly) -> None:
    body = assembly.resources[f"{HOUSING}/Score/Live"].body
    resources = assembly.templates[f"onnx-lambda-dev-{HOUSING}"]["Resources"]

    [awaited] = body["DependsOn"]

    assert resources[awaited]["Metadata"]["aws:cdk:path"].endswith("/Predict/Live/Resource")
    assert "UpdatePolicy" not in body


def test_environments_are_kept_started_where_the_stage_says_so(synthesized: Synthesize) -> None:
    assembly = synthesized("assembly", predict_provisioned_concurrency=3)

    live = assembly.resources[f"{HOUSING}/Predict/Live"].properties
    assert live["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 3}
    assert all(
        "ProvisionedConcurrencyConfig" not in alias
        for path, alias in assembly.of_type("AWS::Lambda::Alias").items()
        if not path.endswith("/Predict/Live")
    )


def test_another_model_makes_new_versions_of_its_own_functions_only(
    models_directory: Path, synthesized: Synthesize
) -> None:
    before = synthesized("before")
    graph = models_directory / "housing" / "1" / "model.onnx"
    graph.write_bytes(graph.read_bytes().replace(b"the graph of", b"the graph oF"))

    after = synthesized("after")

    changed = {
        path
        for path, version in versions(after).items()
        if version not in versions(before).values()
    }
    stacks = {name for name in after.templates if after.templates[name] != before.templates[name]}
    assert {path.split("/")[0] for path in changed} == {f"onnx-lambda-dev-{HOUSING}"}
    assert len(changed) == 3
    # The catalog lists the model under its digest.
    assert stacks == {f"onnx-lambda-dev-{HOUSING}", "onnx-lambda-dev-api"}


def test_what_no_version_depends_on_makes_none(
    models_directory: Path, synthesized: Synthesize
) -> None:
    before = synthesized("before")
    write_models(models_directory)

    after = synthesized("after", score_reserved_concurrency=5, throttle_burst=7)

    assert versions(after) == versions(before)
