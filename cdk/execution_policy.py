"""What CloudFormation may do in a deployment's name: what the product consists of, and its own."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import Stack
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement
from constructs import Construct

from cdk.app import PRODUCT
from cdk.bootstrap import Bootstrap

# Where a service has data, what manages it is named and what reads it is left out.
OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "cloudwatch": {
        "alarm:{}": (
            "DeleteAlarms",
            "DescribeAlarms",
            "ListTagsForResource",
            "PutMetricAlarm",
            "TagResource",
            "UntagResource",
        ),
    },
    "codedeploy": {"application:{}": ("*",), "deploymentgroup:{}": ("*",)},
    "lambda": {"function:{}": ("*",)},
    "logs": {
        "log-group:{}": ("*LogGroup*", "*MetricFilter*", "*Policies", "*Policy", "*Tag*"),
    },
    "sns": {"{}": ("*Policy", "*Tag*", "*Topic*", "Subscribe", "Unsubscribe")},
    "sqs": {
        "{}": (
            "CreateQueue",
            "DeleteQueue",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ListQueueTags",
            "SetQueueAttributes",
            "TagQueue",
            "UntagQueue",
        ),
    },
}
ROLES = (
    "DeleteRole",
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListRolePolicies",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
)
# Of a role under another boundary than the product's, or under none, they are refused.
BOUNDED = ("CreateRole", "DeleteRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy")
API_GATEWAY = "ops.apigateway.amazonaws.com"
TO_SERVICES = ["codedeploy.amazonaws.com", "lambda.amazonaws.com"]
# HTTP APIs write their access log by delivery, which has no names.
DELIVERY = (
    "CreateLogDelivery",
    "DeleteLogDelivery",
    "DescribeResourcePolicies",
    "GetLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "UpdateLogDelivery",
)


class ExecutionPolicy(ManagedPolicy):
    """For the bootstrap's execution role, which is an administrator without one.

    Names that begin as the product's are its own; what AWS names by a number is bounded otherwise,
    or not at all.
    """

    def __init__(self, scope: Construct, construct_id: str, *, bootstrap: Bootstrap) -> None:
        stack = Stack.of(scope)
        super().__init__(
            scope,
            construct_id,
            description=f"What a deployment of {PRODUCT} may do",
            statements=[
                *_own(stack),
                *_buckets(stack),
                *_roles(stack, bootstrap),
                *_event_sources(stack),
                *_unnamed(stack),
                *_assets(stack, bootstrap),
            ],
        )


def _allow(service: str, actions: tuple[str, ...], *resources: str) -> PolicyStatement:
    return PolicyStatement(
        actions=[f"{service}:{action}" for action in actions], resources=[*resources]
    )


def _arn(stack: Stack, service: str, resource: str) -> str:
    return f"arn:{stack.partition}:{service}:{stack.region}:{stack.account}:{resource}"


def _own(stack: Stack) -> Iterator[PolicyStatement]:
    for service, kinds in OWN.items():
        for kind, actions in kinds.items():
            yield _allow(service, actions, _arn(stack, service, kind.format(f"{PRODUCT}-*")))


def _buckets(stack: Stack) -> Iterator[PolicyStatement]:
    """What ends in these words is about a bucket, and never about an object in it."""
    buckets = f"arn:{stack.partition}:s3:::{PRODUCT}-*"
    yield _allow("s3", ("*Bucket*", "*Configuration", "*Tag*Resource*"), buckets)


def _roles(stack: Stack, bootstrap: Bootstrap) -> Iterator[PolicyStatement]:
    roles = f"arn:{stack.partition}:iam::{stack.account}:role/{PRODUCT}-*"
    yield _allow("iam", ROLES, roles)
    bounded = _allow("iam", BOUNDED, roles)
    bounded.add_condition(
        "StringEquals", {"iam:PermissionsBoundary": bootstrap.boundary_arn(stack)}
    )
    yield bounded
    passed = _allow("iam", ("PassRole",), roles)
    passed.add_condition("StringEquals", {"iam:PassedToService": TO_SERVICES})
    yield passed
    # Made with the first custom domain of an account, by API Gateway.
    linked = f"arn:{stack.partition}:iam::{stack.account}:role/aws-service-role/{API_GATEWAY}/*"
    yield _allow("iam", ("CreateServiceLinkedRole",), linked)


def _event_sources(stack: Stack) -> Iterator[PolicyStatement]:
    changed = ("CreateEventSourceMapping", "DeleteEventSourceMapping", "UpdateEventSourceMapping")
    mappings = _allow("lambda", changed, "*")
    functions = _arn(stack, "lambda", f"function:{PRODUCT}-*")
    mappings.add_condition("ArnLike", {"lambda:FunctionArn": functions})
    yield mappings
    looked_at = ("GetEventSourceMapping", "ListTags", "TagResource", "UntagResource")
    yield _allow("lambda", looked_at, _arn(stack, "lambda", "event-source-mapping:*"))


def _unnamed(stack: Stack) -> Iterator[PolicyStatement]:
    """What AWS gives a number instead of a name: any of the account's, in this region."""
    apis = f"arn:{stack.partition}:apigateway:{stack.region}::"
    paths = ("/apis*", "/domainnames*", "/tags/*")
    yield _allow("apigateway", ("*",), *(f"{apis}{path}" for path in paths))
    dashboards = f"arn:{stack.partition}:cloudwatch::{stack.account}:dashboard/*"
    shown = ("DeleteDashboards", "GetDashboard", "PutDashboard", "ListTagsForResource")
    tagged = ("TagResource", "UntagResource")
    yield _allow("cloudwatch", (*shown, *tagged), dashboards)
    yield _allow("logs", (*DELIVERY, "DescribeLogGroups"), "*")
    yield _allow("codedeploy", ("GetDeploymentConfig",), _arn(stack, "codedeploy", "*"))
    # A rollout that is called off; the reference names no resource for it.
    yield _allow("codedeploy", ("StopDeployment",), "*")


def _assets(stack: Stack, bootstrap: Bootstrap) -> Iterator[PolicyStatement]:
    """Lambda reads an image in the name of whoever makes its function."""
    read = ("BatchGetImage", "GetDownloadUrlForLayer", "GetRepositoryPolicy", "SetRepositoryPolicy")
    yield _allow("ecr", read, bootstrap.images_arn(stack))
    yield _allow("ssm", ("GetParameters",), bootstrap.version_arn(stack))
