"""What was deployed is read back from its service, and not from CloudFormation."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.assembly import Stack
from rehearsal.readers import READERS
from rehearsal.state import Comparison, Deployed
from tests.rehearsal.conftest import Account


def compared(account: Account, stacks: list[Stack]) -> Comparison:
    return Deployed(account, stacks).compare()


def deployed_findings(account: Account, stacks: list[Stack]) -> list[str]:
    account.deploy(stacks)
    return compared(account, stacks).findings


def test_a_deployment_is_as_its_templates_say(account: Account, stacks: list[Stack]) -> None:
    account.deploy(stacks)

    comparison = compared(account, stacks)

    assert comparison.findings == []
    assert comparison.confirmed.keys() == READERS.keys()


def test_a_function_that_was_changed_by_hand_is_found(
    account: Account, stacks: list[Stack]
) -> None:
    account.deploy(stacks)
    functions = boto3.client("lambda")
    names = (f["FunctionName"] for f in functions.list_functions()["Functions"])
    name = next(name for name in names if "housing-Score" in name)
    functions.update_function_configuration(FunctionName=name, MemorySize=128)

    [finding] = compared(account, stacks).findings

    assert finding.startswith("onnx-lambda-dev-model-housing/Score: MemorySize: expected ")
    assert finding.endswith(", got 128")


def test_a_resource_that_moto_drops_is_found(account: Account, stacks: list[Stack]) -> None:
    strange: dict[str, Any] = {"Type": "AWS::Macie::Session", "Properties": {}}
    stacks[0].template["Resources"]["Strange"] = strange
    with pytest.warns(UserWarning, match="not supported by moto"):
        findings = deployed_findings(account, stacks)

    assert findings == [f"{stacks[0].name}/Strange: expected it made, found nothing"]


def test_a_protected_stack_is_not_deleted(account: Account, stacks: list[Stack]) -> None:
    account.deploy(stacks)
    cloudformation = boto3.client("cloudformation")
    name = next(stack.name for stack in stacks if stack.name.endswith("-data"))
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)

    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=name)
