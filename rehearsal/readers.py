"""Properties in CloudFormation's words, as the services themselves tell them."""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Callable
from typing import Any

from rehearsal.aws import Account

Json = dict[str, Any]


def _function(account: Account, name: str) -> Json:
    answer = account.client("lambda").get_function(FunctionName=name)
    configuration, code = answer["Configuration"], answer["Code"]
    return _present(
        Code={"ImageUri": code["ImageUri"]} if "ImageUri" in code else None,
        Environment={"Variables": configuration.get("Environment", {}).get("Variables")},
        MemorySize=configuration["MemorySize"],
        Timeout=configuration["Timeout"],
        Role=configuration["Role"],
        Architectures=configuration["Architectures"],
        Handler=configuration.get("Handler"),
        Runtime=configuration.get("Runtime"),
    )


def _alias(account: Account, arn: str) -> Json:
    function, _, name = arn.rpartition(":")
    alias = account.client("lambda").get_alias(FunctionName=function, Name=name)
    return {"Name": alias["Name"], "FunctionVersion": alias["FunctionVersion"]}


def _event_source(account: Account, uuid: str) -> Json:
    mapping = account.client("lambda").get_event_source_mapping(UUID=uuid)
    return _present(
        BatchSize=mapping["BatchSize"],
        EventSourceArn=mapping["EventSourceArn"],
        ScalingConfig=mapping.get("ScalingConfig"),
        FunctionResponseTypes=mapping.get("FunctionResponseTypes"),
    )


def _queue(account: Account, url: str) -> Json:
    answer = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    attributes = answer["Attributes"]
    redrive = attributes.get("RedrivePolicy")
    return _present(
        VisibilityTimeout=int(attributes["VisibilityTimeout"]),
        MessageRetentionPeriod=int(attributes["MessageRetentionPeriod"]),
        RedrivePolicy=None if redrive is None else json.loads(redrive),
    )


def _bucket(account: Account, name: str) -> Json:
    """What is not read back here, moto's CloudFormation does not set."""
    s3 = account.client("s3")
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    [algorithm] = (rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in rules)
    by_default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": [by_default]}}


def _log_group(account: Account, name: str) -> Json:
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return _present(RetentionInDays=groups[0].get("retentionInDays"))


def _role(account: Account, name: str) -> Json:
    iam = account.client("iam")
    policies = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return {
        "AssumeRolePolicyDocument": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
        "Policies": [
            # moto's CloudFormation writes policies as Python does.
            {"PolicyName": p["PolicyName"], "PolicyDocument": literal_eval(p["PolicyDocument"])}
            for p in policies
        ],
    }


def _present(**properties: object) -> Json:
    return {name: value for name, value in properties.items() if value is not None}


READERS: dict[str, Callable[[Account, str], Json]] = {
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _event_source,
    "AWS::Lambda::Function": _function,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
}


def newest_version(account: Account, function: str) -> str:
    versions = account.client("lambda").list_versions_by_function(FunctionName=function)["Versions"]
    return str(versions[-1]["Version"])
