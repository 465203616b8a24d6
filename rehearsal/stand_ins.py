"""What moto's CloudFormation drops without a word: kept, so that what refers to it resolves.

Of these only the alias really works; the others are known by a name and do nothing, and
`rehearsal.wiring` looks at what the template says of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaVersion, lambda_backends
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import get_model_map
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

Json = dict[str, Any]
Delete = Callable[[CloudFormationResponse], ActionResult]

KEPT = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
)


class _Named:
    """The part of moto's CloudFormationModel that is the same for all."""

    def __init__(self, name: str) -> None:
        self.physical_resource_id = name

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, name: str) -> str:
        return f"{self.physical_resource_id}.{name}"

    @classmethod
    def has_cfn_attr(cls, _: str) -> bool:
        return True

    @classmethod
    def delete_from_cloudformation_json(cls, *_: object) -> None:
        """There is nothing behind it, or it goes with its function."""


class Kept(_Named):
    @classmethod
    def create_from_cloudformation_json(cls, name: str, *_: object, **__: object) -> Kept:
        return cls(name)

    @classmethod
    def update_from_cloudformation_json(cls, *, original_resource: Kept, **_: object) -> Kept:
        return original_resource


class Alias(_Named):
    """Made as Lambda's own API makes it, which moto has."""

    @classmethod
    def create_from_cloudformation_json(
        cls, _: str, resource: Json, account_id: str, region_name: str, **__: object
    ) -> Alias:
        backend: LambdaBackend = lambda_backends[account_id][region_name]
        return cls(backend.create_alias(*_alias(resource), "", "").arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        *,
        original_resource: Alias,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
        **_: object,
    ) -> Alias:
        backend: LambdaBackend = lambda_backends[account_id][region_name]
        backend.update_alias(*_alias(cloudformation_json), "", "")
        return original_resource


def _alias(resource: Json) -> tuple[str, str, str]:
    properties = resource["Properties"]
    return properties["Name"], properties["FunctionName"], properties["FunctionVersion"]


def teach_moto() -> None:
    models: dict[str, Any] = get_model_map()
    models |= dict.fromkeys(KEPT, Kept) | {"AWS::Lambda::Alias": Alias}
    version: Any = LambdaVersion
    version.get_cfn_attribute = lambda self, _: str(self.version)
    api: Any = CloudFormationResponse
    api.update_termination_protection = _update_termination_protection
    api.delete_stack = _as_aws_deletes(api.delete_stack)


def _update_termination_protection(self: CloudFormationResponse) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    asked = self._get_param("EnableTerminationProtection")
    stack.enable_termination_protection = str(asked).lower() == "true"
    return ActionResult({"StackId": stack.stack_id})


def _as_aws_deletes(delete: Delete) -> Delete:
    def delete_stack(self: CloudFormationResponse) -> ActionResult:
        name = self._get_param("StackName")
        stack: Any = self.cloudformation_backend.get_stack(name)
        if stack.enable_termination_protection:
            raise ValidationError(
                name, f"Stack [{name}] cannot be deleted while TerminationProtection is enabled"
            )
        answer = delete(self)
        # moto would make the resources again to say what the outputs of the deleted stack are.
        stack.output_map = {}
        return answer

    return delete_stack
