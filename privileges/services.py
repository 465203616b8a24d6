"""What AWS's services do by themselves, which nothing here can run: read off the template.

Each deed names the document that says what the service needs for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iam.access import OVER_TLS, Access, Need
from iam.account import ACCOUNT_ID, arn
from local.stage import Stage

DOCUMENTS = "https://docs.aws.amazon.com"
OWN_ACCOUNT = ("aws:SourceAccount", ACCOUNT_ID)


@dataclass(frozen=True, slots=True)
class Deed:
    """`document`: where AWS says so."""

    access: Access
    document: str


def deeds(stage: Stage) -> Iterator[Deed]:
    for service in SERVICES:
        yield from service(stage)


def _functions_roles(stage: Stage) -> Iterator[Deed]:
    document = f"{DOCUMENTS}/lambda/latest/dg/lambda-intro-execution-role.html"
    for role in stage.roles().values():
        yield _deed("lambda.amazonaws.com", "sts:AssumeRole", role, document)


def _logs(stage: Stage) -> Iterator[Deed]:
    """Lambda writes what a function prints, as the function."""
    document = f"{DOCUMENTS}/lambda/latest/dg/monitoring-cloudwatchlogs.html"
    for function in stage.template.of_type("AWS::Lambda::Function"):
        properties = stage.template.properties(function, "Role", "LoggingConfig")
        group = properties["LoggingConfig"]["LogGroup"]
        stream = arn("logs", f"log-group:{group}:log-stream:2026/01/01/[$LATEST]0")
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield _deed(properties["Role"], action, stream, document)


def _announcements(stage: Stage) -> Iterator[Deed]:
    document = f"{DOCUMENTS}/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"
    for bucket in stage.template.of_type("AWS::S3::Bucket"):
        announced = stage.properties(bucket).get("NotificationConfiguration", {})
        for configuration in announced.get("QueueConfigurations", []):
            source = ("aws:SourceArn", stage.template.attribute(bucket, "Arn"))
            queue = configuration["Queue"]
            yield _deed("s3.amazonaws.com", "sqs:SendMessage", queue, document, source, OWN_ACCOUNT)


def _access_logs(stage: Stage) -> Iterator[Deed]:
    document = f"{DOCUMENTS}/AmazonS3/latest/userguide/enable-server-access-logging.html"
    for bucket in stage.template.of_type("AWS::S3::Bucket"):
        logging = stage.properties(bucket).get("LoggingConfiguration")
        if logging is not None:
            log = f"arn:aws:s3:::{logging['DestinationBucketName']}/{logging['LogFilePrefix']}log"
            source = ("aws:SourceArn", stage.template.attribute(bucket, "Arn"))
            service = "logging.s3.amazonaws.com"
            yield _deed(service, "s3:PutObject", log, document, source, OWN_ACCOUNT)


def _requests(stage: Stage) -> Iterator[Deed]:
    """API Gateway calls the function behind each route."""
    document = f"{DOCUMENTS}/apigateway/latest/developerguide/http-api-develop-integrations.html"
    called = {
        stage.template.ref(integration): stage.properties(integration)["IntegrationUri"]
        for integration in stage.template.of_type("AWS::ApiGatewayV2::Integration")
    }
    for route in stage.template.of_type("AWS::ApiGatewayV2::Route"):
        properties = stage.properties(route)
        function = called[properties["Target"].removeprefix("integrations/")]
        source = ("aws:SourceArn", _execution_arn(properties["ApiId"], properties["RouteKey"]))
        service = "apigateway.amazonaws.com"
        yield _deed(service, "lambda:InvokeFunction", function, document, source)


def _execution_arn(api_id: str, route_key: str) -> str:
    method, _, path = route_key.partition(" ")
    return arn("execute-api", f"{api_id}/$default/{method}{path}")


def _rollouts(stage: Stage) -> Iterator[Deed]:
    """CodeDeploy moves an alias with the role of its deployment group."""
    guide = f"{DOCUMENTS}/codedeploy/latest/userguide/getting-started-create-service-role.html"
    policy = (
        f"{DOCUMENTS}/aws-managed-policy/latest/reference/AWSCodeDeployRoleForLambdaLimited.html"
    )
    groups = {
        stage.template.ref(group): stage.properties(group)
        for group in stage.template.of_type("AWS::CodeDeploy::DeploymentGroup")
    }
    for alias, update in stage.alias_updates():
        group = groups[update["DeploymentGroupName"]]
        role = group["ServiceRoleArn"]
        yield _deed("codedeploy.amazonaws.com", "sts:AssumeRole", role, guide)
        moved = _function_arn(stage.properties(alias)["FunctionName"])
        yield _deed(role, "lambda:GetAlias", moved, policy)
        yield _deed(role, "lambda:UpdateAlias", moved, policy)
        yield _deed(
            role, "lambda:GetProvisionedConcurrencyConfig", stage.template.ref(alias), policy
        )
        gate = _function_arn(update["BeforeAllowTrafficHook"])
        yield _deed(role, "lambda:InvokeFunction", gate, policy)
        for alarm in group["AlarmConfiguration"]["Alarms"]:
            watched = arn("cloudwatch", f"alarm:{alarm['Name']}")
            yield _deed(role, "cloudwatch:DescribeAlarms", watched, policy)


def _function_arn(name: str) -> str:
    return arn("lambda", f"function:{name}")


def _alarms(stage: Stage) -> Iterator[Deed]:
    document = f"{DOCUMENTS}/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"
    for alarm in stage.template.of_type("AWS::CloudWatch::Alarm"):
        source = ("aws:SourceArn", stage.template.attribute(alarm, "Arn"))
        for topic in stage.properties(alarm).get("AlarmActions", []):
            yield _deed(
                "cloudwatch.amazonaws.com", "sns:Publish", topic, document, source, OWN_ACCOUNT
            )


def _deed(
    principal: str, action: str, resource: str, document: str, *context: tuple[str, str]
) -> Deed:
    return Deed(Access(principal, Need(action, resource, (OVER_TLS, *context))), document)


SERVICES: tuple[Callable[[Stage], Iterator[Deed]], ...] = (
    _functions_roles,
    _logs,
    _announcements,
    _access_logs,
    _requests,
    _rollouts,
    _alarms,
)
