"""A deployment may do to each resource, as CloudFormation names it, what its handlers do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cdk import app, deployer
from cdk.app import PRODUCT
from iam.access import Access
from iam.grant import grants_of
from iam.policies import Policies
from local.assembly import Stack, read_assembly
from local.names import deployed
from local.template import Template
from tests.infrastructure.conftest import write_models
from tests.infrastructure.deployment import CLOUDFORMATION, Deployment
from tests.infrastructure.handler_permissions import NEEDED
from tests.infrastructure.test_settings import HOST

Json = dict[str, Any]

# What AWS names by itself, or not at all; and looking at what has no data.
UNBOUNDED = {
    "AWS::ApiGatewayV2::DomainName": NEEDED["AWS::ApiGatewayV2::DomainName"],
    "AWS::CloudWatch::Dashboard": NEEDED["AWS::CloudWatch::Dashboard"],
    "AWS::Lambda::Alias": "codedeploy:GetDeploymentConfig codedeploy:StopDeployment",
    "AWS::Lambda::EventSourceMapping": (
        "lambda:GetEventSourceMapping lambda:ListTags lambda:TagResource lambda:UntagResource"
    ),
    "AWS::Logs::LogGroup": (
        "logs:CreateLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
        "logs:PutResourcePolicy"
    ),
}


@pytest.fixture(scope="module")
def deployment(
    context_with: Callable[..., Json], tmp_path_factory: pytest.TempPathFactory
) -> Deployment:
    models = write_models(tmp_path_factory.mktemp("models"))
    context = context_with(default_model="housing", domain=HOST)
    output = tmp_path_factory.mktemp("assembly")
    return Deployment(Template(read_assembly(app.synthesize(models, context, output)), deployed))


@pytest.fixture(scope="module")
def policies(committed_context: Json, tmp_path_factory: pytest.TempPathFactory) -> Policies:
    output = deployer.synthesize(committed_context, tmp_path_factory.mktemp("deployer"))
    [path] = output.glob("*.template.json")
    template = Template([Stack("deployer", json.loads(path.read_bytes()), {})], deployed)
    [policy] = [p for p in template.of_type("AWS::IAM::ManagedPolicy") if "Execution" in p.path]
    document = template.properties(policy, "PolicyDocument")["PolicyDocument"]
    return Policies(
        grants_of(document["Statement"], place="the execution policy", principal=CLOUDFORMATION)
    )


def another_products(access: Access) -> Access:
    """The same, about what is not named as this product's things are."""

    def renamed(text: str) -> str:
        return text.replace(f"{PRODUCT}-", "payroll-")

    context = tuple((key, renamed(value)) for key, value in access.need.context)
    need = replace(access.need, resource=renamed(access.need.resource), context=context)
    return replace(access, need=need)


@pytest.mark.parametrize("kind", NEEDED)
def test_a_deployment_may_do_what_it_does(
    deployment: Deployment, policies: Policies, kind: str
) -> None:
    accesses = [*deployment.accesses(kind)]

    assert [str(access) for access in accesses if not policies.allow(access)] == []
    assert accesses


@pytest.mark.parametrize("kind", NEEDED)
def test_what_it_may_do_to_another_products_things_is_told(
    deployment: Deployment, policies: Policies, kind: str
) -> None:
    accesses = map(another_products, deployment.accesses(kind))

    allowed = {access.need.action for access in accesses if policies.allow(access)}
    assert allowed == {*UNBOUNDED.get(kind, "").split()}
