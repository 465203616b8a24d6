"""Who the template's resources are: by CloudFormation's names for them, or the local cloud's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iam.account import ACCOUNT_ID, REGION, arn
from local.identities import Identities
from local.template import Identify, Identity, Resource


def deployed(resource: Resource) -> Identity:
    """As CloudFormation names it: after its stack and its logical id."""
    if resource.type not in KINDS:
        raise resource.error("nothing names it; teach its identity to local/names.py")
    return KINDS[resource.type](_name(resource.stack, resource.logical_id), resource)


def locally(identities: Identities) -> Identify:
    """As the local cloud names it; what it has no name for, as CloudFormation would."""

    def identify(resource: Resource) -> Identity:
        has_name = resource.type in LOCAL_KINDS
        return identities.identify(resource) if has_name else deployed(resource)

    return identify


LOCAL_KINDS = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
}


def _name(stack: str, logical_id: str) -> str:
    return f"{stack}-{logical_id}-1A2B3C"


def _bucket(name: str, _: Resource) -> Identity:
    return Identity(name.lower(), {"Arn": f"arn:aws:s3:::{name.lower()}"})


def _queue(name: str, _: Resource) -> Identity:
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"
    return Identity(url, {"Arn": arn("sqs", name), "QueueName": name})


def _function(name: str, _: Resource) -> Identity:
    return Identity(name, {"Arn": arn("lambda", f"function:{name}")})


def _alias(_: str, alias: Resource) -> Identity:
    function = _name(alias.stack, alias.properties["FunctionName"]["Ref"])
    return Identity(arn("lambda", f"function:{function}:{alias.properties['Name']}"), {})


def _version(name: str, _: Resource) -> Identity:
    return Identity(name, {"Version": "1"})


def _role(name: str, _: Resource) -> Identity:
    return Identity(name, {"Arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"})


def _log_group(name: str, _: Resource) -> Identity:
    # With all that is in it.
    return Identity(name, {"Arn": arn("logs", f"log-group:{name}:*")})


def _alarm(name: str, _: Resource) -> Identity:
    return Identity(name, {"Arn": arn("cloudwatch", f"alarm:{name}")})


def _topic(name: str, _: Resource) -> Identity:
    return Identity(arn("sns", name), {})


def _plain(name: str, _: Resource) -> Identity:
    return Identity(name, {})


KINDS: Mapping[str, Callable[[str, Resource], Identity]] = {
    "AWS::ApiGatewayV2::Api": _plain,
    "AWS::ApiGatewayV2::Integration": _plain,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CodeDeploy::Application": _plain,
    "AWS::CodeDeploy::DeploymentGroup": _plain,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Version": _version,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
}
