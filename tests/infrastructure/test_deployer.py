"""Who may deploy, and what a deployment may do: this product, and nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from cdk.app import ALWAYS, PRODUCT, ROOT
from cdk.bootstrap import ROLES, Bootstrap
from cdk.deploy_role import SMOKE
from cdk.deployer import add_stack, synthesize
from serving.errors import ConfigurationError
from smoke.batch import FOLDER
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.test_controls import findings

Json = dict[str, Any]

STACK = "onnxlambda-deployer"
HERE = "<AWS::Region>:<AWS::AccountId>"
IAM = "arn:<AWS::Partition>:iam::<AWS::AccountId>"
BOUNDARY = f"{IAM}:policy/onnx-lambda-boundary"
# Of a managed policy, without spaces.
MAX_POLICY_CHARACTERS = 6_144
MAX_ROLE_CHARACTERS = 64
# No region's name is longer.
LONGEST_REGION = "ap-southeast-2"
OURS = {"repository": "owner/name"}


@pytest.fixture(scope="module")
def deployer_of(
    committed_context: Json, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Assembly]:
    def deployer(**settings: object) -> Assembly:
        output = tmp_path_factory.mktemp("deployer")
        return Assembly(synthesize({**committed_context, **settings}, output))

    return deployer


@pytest.fixture(scope="module")
def deployer(deployer_of: Callable[..., Assembly]) -> Assembly:
    return deployer_of(github=OURS)


def role(deployer: Assembly, stage: str) -> Json:
    return deployer.resources[f"{STACK}/Deploy-{stage}"].properties


def policy(deployer: Assembly, name: str) -> list[Json]:
    document = deployer.resources[f"{STACK}/{name}"].properties["PolicyDocument"]
    statements: list[Json] = document["Statement"]
    return statements


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - one, or a list of them
    return value if isinstance(value, list) else [value]


def actions(statements: list[Json]) -> set[str]:
    return {action for statement in statements for action in listed(statement["Action"])}


def role_statements(assembly: Assembly) -> Iterator[Json]:
    for properties in assembly.of_type("AWS::IAM::Role").values():
        for inline in properties["Policies"]:
            yield from inline["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_only_the_stages_environment_of_the_repository_takes_its_role(
    deployer: Assembly, stage: str
) -> None:
    [trust] = role(deployer, stage)["AssumeRolePolicyDocument"]["Statement"]

    assert trust == {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"{STACK}/GitHub.Arn"},
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": (f"repo:owner/name:environment:{stage}"),
            }
        },
    }


def test_a_workflow_deploys_through_the_bootstraps_roles_and_asks_its_own_stage(
    deployer: Assembly,
) -> None:
    statements = [
        statement
        for inline in role(deployer, "dev")["Policies"]
        for statement in inline["PolicyDocument"]["Statement"]
    ]

    bootstrap = "deploy", "file-publishing", "image-publishing"
    suffix = "<AWS::AccountId>-<AWS::Region>"
    data = "arn:<AWS::Partition>:s3:::onnx-lambda-dev-data"
    assert [(s["Action"], s["Resource"]) for s in statements] == [
        ("sts:AssumeRole", [f"{IAM}:role/cdk-onnxlambda-{r}-role-{suffix}" for r in bootstrap]),
        (
            "cloudformation:DescribeStacks",
            f"arn:<AWS::Partition>:cloudformation:{HERE}:stack/onnx-lambda-dev-*",
        ),
        (
            "execute-api:Invoke",
            [
                f"arn:<AWS::Partition>:execute-api:{HERE}:*/$default/{request}"
                for request in (
                    "GET/v2/health/ready",
                    "GET/v2/models/*",
                    "GET/models/*",
                    "POST/models/*/predict",
                )
            ],
        ),
        (
            ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            f"{data}-inbox*/*/smoke/*",
        ),
        (
            ["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"],
            f"{data}-results*/*/smoke/*",
        ),
        ("s3:ListBucket", f"{data}-results*"),
    ]


def test_what_the_smoke_test_uploads_lies_where_the_role_may_touch_it() -> None:
    assert f"*/{FOLDER}/*" == SMOKE


def test_an_adopted_inbox_is_the_one_that_is_asked(
    deployer_of: Callable[..., Assembly], context_with: Callable[..., Json]
) -> None:
    deployer = deployer_of(**context_with(inbox_bucket="orders"), github=OURS)

    inbox = "arn:<AWS::Partition>:s3:::orders/*/smoke/*"
    assert inbox in [
        s["Resource"] for s in role(deployer, "dev")["Policies"][1]["PolicyDocument"]["Statement"]
    ]
    assert "arn:<AWS::Partition>:s3:::orders/*" in [
        resource for s in policy(deployer, "Boundary") for resource in listed(s["Resource"])
    ]


def test_github_is_trusted_once_an_account(deployer_of: Callable[..., Assembly]) -> None:
    deployer = deployer_of(github={"repository": "owner@1/name@2", "provider": "existing"})

    [trust] = role(deployer, "dev")["AssumeRolePolicyDocument"]["Statement"]
    assert deployer.of_type("AWS::IAM::OIDCProvider") == {}
    assert trust["Principal"] == {
        "Federated": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"
    }
    assert "repo:owner@1/name@2:environment:dev" in trust["Condition"]["StringEquals"].values()


def test_without_a_repository_no_workflow_deploys(deployer_of: Callable[..., Assembly]) -> None:
    types = {resource.type for resource in deployer_of().resources.values()}

    assert types == {"AWS::IAM::ManagedPolicy"}


@pytest.mark.parametrize("repository", ["owner", "owner/*", "*/name", "owner/name:ref", "a/b/c"])
def test_what_could_be_another_repository_is_refused(
    deployer_of: Callable[..., Assembly], repository: str
) -> None:
    expected = r"^cdk\.json: context\.github\.repository: expected owner/name, or "
    with pytest.raises(ConfigurationError, match=expected):
        deployer_of(github={"repository": repository})


@pytest.mark.parametrize(
    ("github", "key"),
    [({}, "repository"), (OURS | {"provider": "theirs"}, "provider"), (OURS | {"x": 1}, "x")],
)
def test_what_is_wrong_about_github_is_said(
    deployer_of: Callable[..., Assembly], github: Json, key: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^cdk\.json: context\.github\.{key}: expected "):
        deployer_of(github=github)


def test_make_says_no_more_than_cdk_json_and_so_a_second_run_takes_nothing_away() -> None:
    [recipe] = re.findall(r"^deployer:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)

    assert "--context" not in recipe
    assert "$(REPOSITORY)" not in recipe


def test_whoever_leaves_github_leaves_the_accounts_trust_in_it_to_others(
    deployer: Assembly,
) -> None:
    provider = deployer.resources[f"{STACK}/GitHub"].body

    assert (provider["DeletionPolicy"], provider["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_bootstraps_roles_have_names_short_enough_for_every_region(
    committed_context: Json,
) -> None:
    qualifier = Bootstrap.from_context(committed_context).qualifier

    names = [
        f"cdk-{qualifier}-{role}-role-{'1' * 12}-{LONGEST_REGION}" for role in (*ROLES, "cfn-exec")
    ]
    assert max(map(len, names)) <= MAX_ROLE_CHARACTERS


def test_every_role_of_the_product_is_bounded_and_those_that_deploy_are_not(
    assembly: Assembly, deployer: Assembly
) -> None:
    bounds = {
        properties.get("PermissionsBoundary")
        for properties in assembly.of_type("AWS::IAM::Role").values()
    }

    assert bounds == {BOUNDARY}
    assert "PermissionsBoundary" not in role(deployer, "dev")
    assert not STACK.startswith(PRODUCT)


def test_the_boundary_has_just_the_actions_that_some_role_has(
    assembly: Assembly, deployer: Assembly
) -> None:
    assert actions(policy(deployer, "Boundary")) == actions([*role_statements(assembly)])


def test_no_deployment_makes_a_role_that_is_not_bounded(deployer: Assembly) -> None:
    making = [
        statement
        for statement in policy(deployer, "Execution")
        if {"iam:CreateRole", "iam:PutRolePolicy", "iam:PassRole"} & {*listed(statement["Action"])}
    ]

    roles = f"{IAM}:role/onnx-lambda-*"
    assert [(s["Resource"], s["Condition"]["StringEquals"]) for s in making] == [
        (roles, {"iam:PermissionsBoundary": BOUNDARY}),
        (
            roles,
            {"iam:PassedToService": ["codedeploy.amazonaws.com", "lambda.amazonaws.com"]},
        ),
    ]


@pytest.mark.parametrize(
    "action",
    [
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:UpdateOpenIDConnectProviderThumbprint",
        "logs:GetLogEvents",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
        "sns:Publish",
        "sqs:PurgeQueue",
        "sqs:ReceiveMessage",
        "sts:AssumeRole",
    ],
)
def test_a_deployment_reads_no_data_and_frees_itself_of_nothing(
    deployer: Assembly, action: str
) -> None:
    allowed = actions(policy(deployer, "Execution"))

    assert [pattern for pattern in allowed if fnmatchcase(action, pattern)] == []


def test_a_deployment_may_make_all_that_a_stage_consists_of(
    assembly: Assembly, deployer: Assembly
) -> None:
    services = {action.partition(":")[0] for action in actions(policy(deployer, "Execution"))}

    made = {resource.type.split("::")[1].lower() for resource in assembly.resources.values()}
    assert made - services == {"apigatewayv2"}
    assert "apigateway" in services


@pytest.mark.parametrize("name", ["Boundary", "Execution"])
def test_policies_are_no_longer_than_iam_takes(deployer: Assembly, name: str) -> None:
    document = str(deployer.resources[f"{STACK}/{name}"].properties["PolicyDocument"])

    for pseudo, value in (("Region", LONGEST_REGION), ("AccountId", "1" * 12)):
        document = document.replace(f"<AWS::{pseudo}>", value)
    assert len(document.replace(" ", "")) < MAX_POLICY_CHARACTERS


# What a deployment makes has no name before it is made, and files are the users' to name: names
# that begin as the product's are the least that will do. What begins with none is told apart by a
# condition, or not at all: AWS names APIs, event sources and dashboards itself.
UNNAMED = {
    "Resource::*",
    f"Resource::arn:<AWS::Partition>:lambda:{HERE}:event-source-mapping:*",
    "Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/apis*",
    "Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/domainnames*",
    "Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/tags/*",
    f"Resource::arn:<AWS::Partition>:codedeploy:{HERE}:*",
    "Resource::arn:<AWS::Partition>:cloudwatch::<AWS::AccountId>:dashboard/*",
    f"Resource::{IAM}:role/aws-service-role/ops.apigateway.amazonaws.com/*",
}


def test_wildcards_are_all_that_is_found(committed_context: Json, tmp_path: Path) -> None:
    context = {**ALWAYS, **committed_context, "github": OURS}
    app = App(context=context, outdir=str(tmp_path), analytics_reporting=False)
    add_stack(app)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    found = {finding.partition("[")[::2] for finding in findings(app, tmp_path)}

    wild = {subject.removesuffix("]") for _, subject in found}
    resources = {s for s in wild if s.startswith("Resource::")}
    assert {rule for rule, _ in found} == {"AwsSolutions-IAM5"}
    assert {s for s in resources if PRODUCT not in s and "execute-api" not in s} == UNNAMED
    assert wild - resources <= {
        f"Action::{action}"
        for action in actions(policy(Assembly(tmp_path), "Execution"))
        if "*" in action
    }
