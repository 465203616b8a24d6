"""A stage's policies are read wherever its template has them, or the template is refused."""

from __future__ import annotations

from typing import Any

import pytest

from iam.access import Access, Need
from iam.errors import UnknownPolicyError
from local.assembly import Stack
from local.names import deployed
from local.stage import Stage

Json = dict[str, Any]

ROLE = "arn:aws:iam::123456789012:role/model-ScoreRole-1A2B3C"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:model-Score-1A2B3C"
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda"}}


def stage(**resources: Json) -> Stage:
    return Stage([Stack("model", {"Resources": resources}, {})], deployed)


def role(*statements: Json, **properties: object) -> Json:
    document = {"Statement": [*statements]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Statement": [TRUST]},
            "Policies": [{"PolicyName": "Allowed", "PolicyDocument": document}],
            **properties,
        },
    }


def function(**properties: object) -> Json:
    named = {"Role": {"Fn::GetAtt": ["ScoreRole", "Arn"]}, **properties}
    return {"Type": "AWS::Lambda::Function", "Properties": named}


def test_a_roles_own_policy_is_about_the_role() -> None:
    log = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}

    policies = stage(ScoreRole=role(log)).policies()

    assert policies.allow(Access(ROLE, Need("logs:PutLogEvents", "arn:aws:logs:r:1:log-group:x")))
    assert policies.allow(Access("lambda", Need("sts:AssumeRole", ROLE)))
    assert not policies.allow(Access("ec2", Need("sts:AssumeRole", ROLE)))


def test_a_function_may_what_its_role_may() -> None:
    log = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    read = stage(ScoreRole=role(log), Score=function())

    assert read.roles() == {"model-Score-1A2B3C": ROLE}
    assert read.allowed() == {"model-Score-1A2B3C": [log]}


def test_a_permission_lets_its_principal_call_from_where_it_says() -> None:
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": ["Score", "Arn"]},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": "arn:aws:execute-api:us-east-1:123456789012:api/*/*",
        },
    }
    policies = stage(ScoreRole=role(), Score=function(), Asked=permission).policies()

    def may_call(principal: str, api: str) -> bool:
        source = f"arn:aws:execute-api:us-east-1:123456789012:{api}/$default/GET/models"
        need = Need("lambda:InvokeFunction", FUNCTION, (("aws:SourceArn", source),))
        return policies.allow(Access(principal, need))

    assert may_call("apigateway.amazonaws.com", "api")
    assert not may_call("apigateway.amazonaws.com", "another")
    assert not may_call("s3.amazonaws.com", "api")


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        ({"Type": "AWS::IAM::Policy"}, "AWS::IAM::Policy"),
        ({"Type": "AWS::IAM::ManagedPolicy"}, "AWS::IAM::ManagedPolicy"),
        ({"Type": "AWS::Events::EventBusPolicy"}, "AWS::Events::EventBusPolicy"),
        (role(ManagedPolicyArns=["arn:aws:iam::aws:policy/Admin"]), "ManagedPolicyArns"),
        (
            {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunctionUrl",
                    "FunctionName": FUNCTION,
                    "Principal": "*",
                    "FunctionUrlAuthType": "NONE",
                },
            },
            "FunctionUrlAuthType",
        ),
    ],
)
def test_a_policy_that_nothing_here_reads_is_refused(resource: Json, named: str) -> None:
    with pytest.raises(UnknownPolicyError, match=f"nothing here reads {named}"):
        stage(Unread=resource).policies()
