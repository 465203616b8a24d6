"""Which resource types have a local meaning, and who their resources are here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iam.account import ACCOUNT_ID, arn
from local.assembly import STAGE
from local.template import Identity, Resource

# Types that the local cloud acts on, each with the properties that it reads or may pass over. A
# property that is not listed would change behaviour in a way that nobody here has thought about.
LOCAL_MEANING: dict[str, frozenset[str]] = {
    "AWS::S3::Bucket": frozenset(
        {
            "VersioningConfiguration",
            "NotificationConfiguration",
            # Protection and cost: nothing here is public, encrypted or kept.
            "BucketEncryption",
            "LifecycleConfiguration",
            "LoggingConfiguration",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
        }
    ),
    "AWS::SQS::Queue": frozenset(
        {
            "VisibilityTimeout",
            "MessageRetentionPeriod",
            "RedrivePolicy",
            # Protection: nothing here is encrypted.
            "SqsManagedSseEnabled",
            "RedriveAllowPolicy",
            "Tags",
        }
    ),
    "AWS::Lambda::Function": frozenset(
        {
            "Code",
            "Environment",
            "MemorySize",
            "Timeout",
            "Role",
            # A laptop has one architecture, and logs to the terminal.
            "Architectures",
            "Description",
            "LoggingConfig",
            "PackageType",
            "Tags",
            "TracingConfig",
            # Lambda stops functions that call themselves through a queue; nothing here does.
            "RecursiveLoop",
            # Of functions that are no images: deployments run them, and none is run here.
            "Handler",
            "Runtime",
        }
    ),
    # What a function's role says is what the data plane lets it do.
    "AWS::IAM::Role": frozenset(
        {
            "Policies",
            # Nobody else takes it on, and no account bounds it.
            "AssumeRolePolicyDocument",
            "PermissionsBoundary",
            "Description",
            "Tags",
        }
    ),
    # There is one version of everything here, and all of it is kept started.
    "AWS::Lambda::Alias": frozenset(
        {"FunctionName", "FunctionVersion", "Name", "ProvisionedConcurrencyConfig"}
    ),
    "AWS::Lambda::EventSourceMapping": frozenset(
        {
            "BatchSize",
            "EventSourceArn",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "ScalingConfig",
            "Tags",
        }
    ),
    "AWS::ApiGatewayV2::Api": frozenset(
        {
            "CorsConfiguration",
            "Name",
            "Description",
            "DisableExecuteApiEndpoint",
            "ProtocolType",
            "Tags",
        }
    ),
    "AWS::ApiGatewayV2::Integration": frozenset(
        {"ApiId", "IntegrationType", "IntegrationUri", "PayloadFormatVersion", "IntegrationMethod"}
    ),
    # Auth is off here, and the front says so when it opens.
    "AWS::ApiGatewayV2::Route": frozenset(
        {"ApiId", "RouteKey", "Target", "AuthorizationType", "AuthorizerId"}
    ),
}

NO_LOCAL_MEANING: dict[str, str] = {
    "AWS::ApiGatewayV2::ApiMapping": "the front listens on a port of this machine",
    "AWS::ApiGatewayV2::Authorizer": "whoever reaches the port may call",
    "AWS::ApiGatewayV2::DomainName": "the front listens on a port of this machine",
    "AWS::ApiGatewayV2::Stage": "one stage, unthrottled, without an access log",
    "AWS::CDK::Metadata": "tells AWS which CDK made the template",
    "AWS::CloudWatch::Alarm": "nobody is called about a laptop",
    "AWS::CloudWatch::Dashboard": "the terminal says what happens",
    "AWS::CodeDeploy::Application": "what is new takes over when the cloud starts again",
    "AWS::CodeDeploy::DeploymentGroup": "what is new takes over when the cloud starts again",
    "AWS::Lambda::Permission": "whoever the template connects may call",
    "AWS::Lambda::Version": "what runs is always the newest",
    "AWS::Logs::LogGroup": "logs go to the terminal",
    "AWS::Logs::MetricFilter": "logs go to the terminal, where nobody counts lines",
    # moto refuses every request under a Deny, because it does not read the policy's Condition.
    "AWS::S3::BucketPolicy": "any key opens everything, without TLS",
    "AWS::SNS::Topic": "nobody is called about a laptop",
    "AWS::SNS::TopicPolicy": "nobody is called about a laptop",
    "AWS::SQS::QueuePolicy": "any key opens everything",
}


class Identities:
    """Names every resource by its place in the construct tree, as the template gives none."""

    def __init__(self, *, endpoint: str, api_url: str) -> None:
        self._endpoint = endpoint
        self._api_url = api_url

    def identify(self, resource: Resource) -> Identity:
        match resource.type:
            case "AWS::S3::Bucket":
                return self._bucket(resource)
            case "AWS::SQS::Queue":
                return self._queue(resource)
            case "AWS::Lambda::Function":
                return self._function(resource)
            case "AWS::Lambda::Alias":
                return self._alias(resource)
            case "AWS::ApiGatewayV2::Api":
                return Identity(resource.logical_id, {"ApiEndpoint": self._api_url})
            case "AWS::ApiGatewayV2::Integration":
                return Identity(resource.logical_id, {})
        raise resource.error(
            "nothing here can refer to it; teach its identity to local/identities.py"
        )

    def _bucket(self, resource: Resource) -> Identity:
        name = _name(resource.construct_id)
        return Identity(name, {"Arn": f"arn:aws:s3:::{name}"})

    def _queue(self, resource: Resource) -> Identity:
        name = _name(*resource.path[1:])
        return Identity(
            f"{self._endpoint}/{ACCOUNT_ID}/{name}", {"Arn": arn("sqs", name), "QueueName": name}
        )

    def _function(self, resource: Resource) -> Identity:
        name = _function_name(resource.stack, resource.path[1:])
        return Identity(name, {"Arn": arn("lambda", f"function:{name}")})

    def _alias(self, resource: Resource) -> Identity:
        # CDK's tree has an alias below its function.
        function = _function_name(resource.stack, resource.path[1:-1])
        return Identity(arn("lambda", f"function:{function}:{resource.properties['Name']}"), {})


def refuse_the_unknown(resources: Sequence[Resource]) -> None:
    """Raises AssemblyError for the first resource that would silently be something else here."""
    for resource in resources:
        if resource.type in NO_LOCAL_MEANING:
            continue
        if resource.type not in LOCAL_MEANING:
            raise resource.error(
                "the local cloud does not know this type; give it a meaning, or list it in "
                "local/identities.py with the reason why it has none"
            )
        for name in resource.properties.keys() - LOCAL_MEANING[resource.type]:
            raise resource.error(
                f"the local cloud does not know its property {name}; read it, or list it in "
                "local/identities.py with the reason why it can be passed over"
            )


def _function_name(stack: str, path: Sequence[str]) -> str:
    return _name(stack.partition(f"-{STAGE}-")[2] or stack, *path)


def _name(*parts: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", "-".join(part for part in parts if part).lower()).strip("-")
