"""What a template leaves unjoined is found; what it joins is not complained of."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.assembly import Stack
from rehearsal.wiring import findings

Json = dict[str, Any]


def resources(stacks: list[Stack], kind: str) -> list[Json]:
    return [
        resource
        for stack in stacks
        for resource in stack.template["Resources"].values()
        if resource["Type"] == kind
    ]


def remove(stacks: list[Stack], kind: str) -> None:
    for stack in stacks:
        for name, resource in list(stack.template["Resources"].items()):
            if resource["Type"] == kind:
                del stack.template["Resources"][name]


def forbid_receiving(stacks: list[Stack]) -> None:
    for role in resources(stacks, "AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "sqs:ReceiveMessage" in statement["Action"]:
                    statement["Action"].remove("sqs:ReceiveMessage")


def misname_metrics(stacks: list[Stack]) -> None:
    for alarm in resources(stacks, "AWS::CloudWatch::Alarm"):
        if "MetricName" in alarm["Properties"]:
            alarm["Properties"]["MetricName"] += "s"


def misname_inboxes(stacks: list[Stack]) -> None:
    for policy in resources(stacks, "AWS::SQS::QueuePolicy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if "ArnLike" in statement.get("Condition", {}):
                statement["Condition"]["ArnLike"]["aws:SourceArn"] = "arn:aws:s3:::outbox*"


def widen_policies(stacks: list[Stack]) -> None:
    for role in resources(stacks, "AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            policy["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def break_import(stacks: list[Stack]) -> None:
    for stack in stacks:
        if stack.name.endswith("-data"):
            stack.template["Outputs"].clear()


def test_a_stage_as_it_is_synthesized_joins_up(stacks: list[Stack]) -> None:
    assert findings(stacks) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda stacks: remove(stacks, "AWS::Lambda::Permission"), "expected a permission to call"),
        (lambda stacks: remove(stacks, "AWS::SQS::QueuePolicy"), "to admit its messages"),
        (misname_inboxes, "to admit its messages"),
        (forbid_receiving, "expected its function allowed sqs:ReceiveMessage"),
        (misname_metrics, "expected a metric that is written"),
        (widen_policies, "expected a policy on what is made, got *"),
        (break_import, "which no stack exports"),
        (lambda stacks: remove(stacks, "AWS::SQS::Queue"), "which it does not define"),
    ],
)
def test_what_moto_would_not_notice_is_found(
    stacks: list[Stack], damage: Callable[[list[Stack]], None], said: str
) -> None:
    damage(stacks)

    found = findings(stacks)

    assert found
    assert all(said in finding for finding in found)


def test_cloudformation_would_take_the_templates(
    synthesized: list[Stack], assembly_directory: Path
) -> None:
    templates = [str(assembly_directory / f"{stack.name}.template.json") for stack in synthesized]

    # W3005: CDK writes down a dependency on a role that a reference implies already.
    linted = subprocess.run(
        ["cfn-lint", "--ignore-checks", "W3005", "--template", *templates],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (linted.stdout, linted.returncode) == ("", 0)
