"""Templates are read as CloudFormation reads them, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from local.assembly import Stack
from local.errors import AssemblyError
from local.identities import Identities, refuse_the_unknown
from local.template import Template

QUEUE_URL = "http://127.0.0.1:9000/123456789012/housing-queue"
DATA = {
    "Resources": {
        "Inbox77": {
            "Type": "AWS::S3::Bucket",
            "Metadata": {"aws:cdk:path": "product-dev-data/Inbox/Resource"},
        },
        "Queue99": {
            "Type": "AWS::SQS::Queue",
            "Metadata": {"aws:cdk:path": "product-dev-data/housing/Queue/Resource"},
        },
        "Role": {"Type": "AWS::IAM::Role"},
    },
    "Outputs": {
        "Exported": {"Value": {"Ref": "Inbox77"}, "Export": {"Name": "data:Inbox"}},
        "NotExported": {"Value": {"Ref": "Queue99"}},
    },
}
MODEL = {
    "Resources": {
        "Predict": {
            "Type": "AWS::Lambda::Function",
            "Metadata": {"aws:cdk:path": "product-dev-model-housing/Predict/Resource"},
        },
        "Live": {
            "Type": "AWS::Lambda::Alias",
            "Metadata": {"aws:cdk:path": "product-dev-model-housing/Predict/Live/Resource"},
            "Properties": {"FunctionName": {"Ref": "Predict"}, "Name": "live"},
        },
    }
}


@pytest.fixture
def template() -> Template:
    identities = Identities(endpoint="http://127.0.0.1:9000", api_url="http://127.0.0.1:8080")
    stacks = [
        Stack("product-dev-data", DATA, {}),
        Stack("product-dev-model-housing", MODEL, {}),
    ]
    return Template(stacks, identities.identify)


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("text", "text"),
        ({"a": [1, True, None]}, {"a": [1, True, None]}),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::StackName"}, "product-dev-data"),
        ({"Ref": "Inbox77"}, "inbox"),
        ({"Ref": "Queue99"}, QUEUE_URL),
        ({"Fn::GetAtt": ["Inbox77", "Arn"]}, "arn:aws:s3:::inbox"),
        (
            {"Fn::GetAtt": ["Queue99", "Arn"]},
            "arn:aws:sqs:us-east-1:123456789012:housing-queue",
        ),
        ({"Fn::GetAtt": ["Queue99", "QueueName"]}, "housing-queue"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Inbox77"}, "b"]]}, "a-inbox-b"),
        ({"Fn::Sub": "${AWS::Region}/${Inbox77.Arn}"}, "us-east-1/arn:aws:s3:::inbox"),
        ({"Fn::Sub": "${!kept} ${Inbox77}"}, "${kept} inbox"),
        ({"Fn::Sub": ["${x}-${Inbox77}", {"x": {"Ref": "AWS::Region"}}]}, "us-east-1-inbox"),
        ({"Fn::Split": ["-", {"Ref": "AWS::Region"}]}, ["us", "east", "1"]),
        ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "us"),
        ({"Fn::ImportValue": "data:Inbox"}, "inbox"),
    ],
)
def test_intrinsics_resolve_as_in_cloudformation(
    template: Template, value: object, resolved: object
) -> None:
    assert template.resolve(value, stack="product-dev-data") == resolved


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            {"Ref": "Nobody"},
            "product-dev-data: refers to Nobody, which it does not define",
        ),
        (
            {"Fn::ImportValue": "data:Nothing"},
            "product-dev-data: imports data:Nothing, which no stack exports",
        ),
        (
            {"Fn::GetAtt": ["Inbox77", "WebsiteURL"]},
            "product-dev-data/Inbox (AWS::S3::Bucket): WebsiteURL has no local meaning",
        ),
        (
            {"Fn::GetAtt": ["Role", "Arn"]},
            (
                "product-dev-data/Role (AWS::IAM::Role): nothing here can refer to it; "
                "teach its identity to local/identities.py"
            ),
        ),
        (
            {"Fn::FindInMap": ["a", "b", "c"]},
            ("product-dev-data: Fn::FindInMap has no local meaning; teach it to local/template.py"),
        ),
    ],
)
def test_what_cannot_be_resolved_is_named(template: Template, value: object, sentence: str) -> None:
    with pytest.raises(AssemblyError) as raised:
        template.resolve(value, stack="product-dev-data")

    assert str(raised.value) == sentence


def test_functions_are_named_after_their_stack_and_construct(template: Template) -> None:
    names = [template.ref(function) for function in template.of_type("AWS::Lambda::Function")]

    assert names == ["model-housing-predict"]


def test_an_alias_is_known_by_its_functions_arn_and_its_name(template: Template) -> None:
    [alias] = template.of_type("AWS::Lambda::Alias")

    arn = template.ref(alias)

    assert arn == "arn:aws:lambda:us-east-1:123456789012:function:model-housing-predict:live"
    assert template.properties(alias, "FunctionName")["FunctionName"] in arn.split(":")


def a_template_with(kind: str, properties: dict[str, Any]) -> Template:
    resources = {"Thing": {"Type": kind, "Properties": properties}}
    identities = Identities(endpoint="", api_url="")
    return Template([Stack("stack", {"Resources": resources}, {})], identities.identify)


def test_an_unknown_resource_type_fails_loudly() -> None:
    template = a_template_with("AWS::DynamoDB::Table", {})

    with pytest.raises(AssemblyError) as raised:
        refuse_the_unknown(template.resources)

    assert str(raised.value) == (
        "stack/Thing (AWS::DynamoDB::Table): the local cloud does not know this type; give it a "
        "meaning, or list it in local/identities.py with the reason why it has none"
    )


def test_an_unknown_property_fails_loudly() -> None:
    template = a_template_with("AWS::SQS::Queue", {"FifoQueue": True})

    with pytest.raises(AssemblyError) as raised:
        refuse_the_unknown(template.resources)

    assert str(raised.value) == (
        "stack/Thing (AWS::SQS::Queue): the local cloud does not know its property FifoQueue; read "
        "it, or list it in local/identities.py with the reason why it can be passed over"
    )


def test_types_without_local_meaning_are_passed_over() -> None:
    template = a_template_with("AWS::Logs::LogGroup", {"RetentionInDays": 7})

    refuse_the_unknown(template.resources)
