"""A deployment's accesses: what CloudFormation does to each resource, by the name it gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iam.access import Access, Need
from iam.account import ACCOUNT_ID, REGION, arn
from local.template import Resource, Template
from tests.infrastructure.handler_permissions import NEEDED

CLOUDFORMATION = "cloudformation.amazonaws.com"
# Where the Service Authorization Reference names no resource for an action.
ABOUT_NOTHING = {
    "codedeploy:StopDeployment",
    "lambda:CreateEventSourceMapping",
    "logs:CreateLogDelivery",
    "logs:DescribeResourcePolicies",
    "logs:PutResourcePolicy",
}
# AWS's own.
CANARY = arn("codedeploy", "deploymentconfig:CodeDeployDefault.LambdaCanary10Percent5Minutes")


class Deployment:
    def __init__(self, template: Template) -> None:
        self._template = template

    def accesses(self, kind: str) -> Iterator[Access]:
        for resource in self._template.of_type(kind):
            for action in NEEDED[kind].split():
                yield Access(CLOUDFORMATION, self._need(resource, action))

    def _need(self, resource: Resource, action: str) -> Need:
        about = "*" if action in ABOUT_NOTHING else self._resource(resource, action)
        return Need(action, about, self._context(resource, action))

    def _resource(self, resource: Resource, action: str) -> str:
        match action.split(":"):
            case "iam", "PassRole":
                return str(self._property(resource, "Role"))
            case "codedeploy", "GetDeploymentConfig":
                return CANARY
            case "codedeploy", _:
                return arn("codedeploy", f"deploymentgroup:{resource.stack}-Application/Group")
        return ARNS[resource.type](self, resource)

    def _context(self, resource: Resource, action: str) -> tuple[tuple[str, str], ...]:
        match resource.type:
            case "AWS::IAM::Role":
                boundary = self._property(resource, "PermissionsBoundary")
                return (("iam:PermissionsBoundary", boundary),)
            case "AWS::Lambda::EventSourceMapping":
                return (("lambda:FunctionArn", self.functions_arn(resource)),)
        return (("iam:PassedToService", "lambda.amazonaws.com"),) if "Pass" in action else ()

    def _property(self, resource: Resource, name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        return self._template.properties(resource, name)[name]

    def own_arn(self, resource: Resource) -> str:
        return self._template.attribute(resource, "Arn")

    def ref(self, resource: Resource) -> str:
        return self._template.ref(resource)

    def functions_arn(self, resource: Resource) -> str:
        return arn("lambda", f"function:{self._property(resource, 'FunctionName')}")

    def log_group_arn(self, resource: Resource) -> str:
        return arn("logs", f"log-group:{self._property(resource, 'LogGroupName')}")


def _dashboard_arn(_: Deployment, resource: Resource) -> str:
    return f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{resource.stack}-{resource.logical_id}"


def _domain_arn(_: Deployment, resource: Resource) -> str:
    return f"arn:aws:apigateway:{REGION}::/domainnames/{resource.properties['DomainName']}"


def _mapping_arn(_: Deployment, __: Resource) -> str:
    return arn("lambda", "event-source-mapping:14e0db71-5d35-4eb5-b481-8945cf9d10c2")


ARNS: Mapping[str, Callable[[Deployment, Resource], str]] = {
    "AWS::ApiGatewayV2::DomainName": _domain_arn,
    "AWS::CloudWatch::Alarm": Deployment.own_arn,
    "AWS::CloudWatch::Dashboard": _dashboard_arn,
    "AWS::IAM::Role": Deployment.own_arn,
    "AWS::Lambda::Alias": Deployment.ref,
    "AWS::Lambda::EventSourceMapping": _mapping_arn,
    "AWS::Lambda::Function": Deployment.own_arn,
    "AWS::Lambda::Version": Deployment.functions_arn,
    "AWS::Logs::LogGroup": Deployment.own_arn,
    "AWS::Logs::MetricFilter": Deployment.log_group_arn,
    "AWS::S3::Bucket": Deployment.own_arn,
    "AWS::SNS::Topic": Deployment.ref,
    "AWS::SQS::Queue": Deployment.own_arn,
}
