"""CDK's bootstrap lets whoever deploys change this product's stacks, and no other of the account.

`make rehearse` narrows and deploys the whole template, as the pinned command line shows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from cdk.bootstrap_template import narrow
from iam.access import Access, Need
from iam.account import arn
from iam.grant import grants_of
from iam.policies import Policies
from local.assembly import Stack
from local.template import Identity, Resource, Template
from serving.errors import ConfigurationError

Json = dict[str, Any]

# Of that template, what its roles may.
SHOWN: Json = json.loads((Path(__file__).parent / "bootstrap_template.json").read_bytes())
DEPLOY = "DeploymentActionRole"
CHANGING = {
    "ContinueUpdateRollback",
    "CreateChangeSet",
    "CreateStack",
    "DeleteChangeSet",
    "DeleteStack",
    "ExecuteChangeSet",
    "RollbackStack",
    "UpdateStack",
    "UpdateTerminationProtection",
}
UNUSED = {"CreateStackRefactor", "ExecuteStackRefactor"}


@pytest.fixture
def narrowed() -> Json:
    return narrow(SHOWN)


def identify(resource: Resource) -> Identity:
    return Identity(resource.logical_id, {"Arn": f"arn:aws:service:::{resource.logical_id}"})


def statements_of(template: Json, role: str) -> list[Json]:
    [policy] = template["Resources"][role]["Properties"]["Policies"]
    statements: list[Json] = policy["PolicyDocument"]["Statement"]
    return statements


def managed_policies(template: Json, role: str) -> list[str]:
    arns = template["Resources"][role]["Properties"]["ManagedPolicyArns"]
    return [managed["Fn::Sub"].rpartition("/")[2] for managed in arns]


def resolved(statements: list[Json], template: Json) -> Policies:
    others = {name: {"Type": name} for name in ("StagingBucket", "CdkBootstrapVersion")}
    stack = Stack("toolkit", {"Resources": template["Resources"] | others}, {})
    values = Template([stack], identify).resolve(statements, stack="toolkit")
    return Policies(grants_of(values, place=DEPLOY, principal=DEPLOY))


def may(template: Json, stack: str) -> set[str]:
    policies = resolved(statements_of(template, DEPLOY), template)
    resource = arn("cloudformation", f"stack/{stack}/8f5b2c1e-6d3a-4f0b-9b57-2f1f6a0e9d11")
    return {
        action
        for action in CHANGING | UNUSED
        if policies.allow(Access(DEPLOY, Need(f"cloudformation:{action}", resource)))
    }


@pytest.mark.parametrize("stack", ["payroll-admin", "onnxlambda-deployer", "onnxlambda-toolkit"])
def test_who_deploys_changes_no_stack_of_anybody_else(narrowed: Json, stack: str) -> None:
    assert may(narrowed, stack) == set()


def test_who_deploys_changes_this_products_stacks(narrowed: Json) -> None:
    assert may(narrowed, "onnx-lambda-dev-api") == CHANGING


def test_who_deploys_does_nothing_to_everything(narrowed: Json) -> None:
    resources = [statement["Resource"] for statement in statements_of(narrowed, DEPLOY)]

    assert "*" not in resources
    assert len(resources) == len(statements_of(SHOWN, DEPLOY)) - 3


def test_who_looks_up_reads_templates_and_no_data(narrowed: Json) -> None:
    sids = [statement["Sid"] for statement in statements_of(narrowed, "LookupRole")]

    assert managed_policies(narrowed, "LookupRole") == ["AWSCloudFormationReadOnlyAccess"]
    assert sids == ["DontReadSecrets", "ReadVersion"]


def test_the_command_line_takes_it_for_another_than_its_own(narrowed: Json) -> None:
    assert narrowed["Parameters"]["BootstrapVariant"]["Default"] == "onnx-lambda"


def test_nothing_else_is_changed(narrowed: Json) -> None:
    touched = {DEPLOY, "LookupRole"}

    for name in SHOWN["Resources"].keys() - touched:
        assert narrowed["Resources"][name] == SHOWN["Resources"][name]


def a_new_statement(template: Json) -> None:
    statements_of(template, DEPLOY).append({"Sid": "Drift", "Action": "cloudformation:*"})


def another_policy(template: Json) -> None:
    properties = template["Resources"]["LookupRole"]["Properties"]
    properties["ManagedPolicyArns"] = [{"Fn::Sub": "arn:aws:iam::aws:policy/PowerUserAccess"}]


def a_new_role(template: Json) -> None:
    template["Resources"]["RefactoringRole"] = {"Type": "AWS::IAM::Role", "Properties": {}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (a_new_statement, "DeploymentActionRole: expected .*, got .*Drift.*"),
        (another_policy, "LookupRole: expected .*, got DontReadSecrets, PowerUserAccess"),
        (a_new_role, "roles and policies: expected .*, got .*RefactoringRole"),
    ],
)
def test_another_template_is_looked_at_before_it_is_narrowed(
    change: Callable[[Json], None], told: str
) -> None:
    template = deepcopy(SHOWN)
    change(template)

    with pytest.raises(ConfigurationError, match=f"^CDK's bootstrap template, {told}"):
        narrow(template)
