"""What a template must join up: AWS would find it out at deployment, or never say so.

No account is asked, as moto drops most of these types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from local.assembly import Stack
from local.errors import AssemblyError
from local.template import Resource
from rehearsal.joined import Joined
from rehearsal.metrics import metric_findings

Json = dict[str, Any]

# What a policy may name that no stack makes.
ELSEWHERE = ("arn:aws:events:*:*:event-bus/default",)


def findings(stacks: list[Stack]) -> list[str]:
    """One sentence for each thing that does not join up."""
    try:
        joined = Joined(stacks)
    except AssemblyError as error:
        return [str(error)]
    return sorted(finding for check in CHECKS for finding in check(joined))


def _policies(joined: Joined) -> Iterator[str]:
    for role, properties in joined.of_type("AWS::IAM::Role"):
        for policy in properties.get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                for resource in _listed(statement["Resource"]):
                    if not _exists(joined, resource):
                        yield f"{_place(role)}: expected a policy on what is made, got {resource}"


def _exists(joined: Joined, resource: str) -> bool:
    return joined.named(resource) is not None or any(
        fnmatchcase(resource, pattern) for pattern in ELSEWHERE
    )


def _routes(joined: Joined) -> Iterator[str]:
    """Route, integration, function, and the permission to call it."""
    allowed = {
        (properties["FunctionName"], _place_of(joined, properties.get("SourceArn")))
        for _, properties in joined.of_type("AWS::Lambda::Permission")
        if properties["Principal"] == "apigateway.amazonaws.com"
    }
    for route, properties in joined.of_type("AWS::ApiGatewayV2::Route"):
        integration = joined.named(properties.get("Target"))
        if integration is None or integration.type != "AWS::ApiGatewayV2::Integration":
            yield f"{_place(route)}: expected an integration, got {properties.get('Target')}"
            continue
        called = joined.properties(integration)["IntegrationUri"]
        if (called, _place_of(joined, properties["ApiId"])) not in allowed:
            yield f"{_place(route)}: expected a permission to call {called}, found none"


def _notifications(joined: Joined) -> Iterator[str]:
    """Each queue that a bucket announces to lets just this bucket send."""
    for bucket, properties in joined.of_type("AWS::S3::Bucket"):
        announced = properties.get("NotificationConfiguration", {})
        for configuration in announced.get("QueueConfigurations", []):
            queue = configuration["Queue"]
            if not any(_admits(s, queue, bucket) for s in _queue_statements(joined)):
                yield f"{_place(bucket)}: expected {queue} to admit its messages, found no policy"


def _queue_statements(joined: Joined) -> Iterator[Json]:
    for _, properties in joined.of_type("AWS::SQS::QueuePolicy"):
        yield from properties["PolicyDocument"]["Statement"]


def _admits(statement: Json, queue: str, bucket: Resource) -> bool:
    sources = statement.get("Condition", {}).get("ArnLike", {}).get("aws:SourceArn", "")
    # CloudFormation names a bucket after its stack and its logical id, in lower case.
    name = f"arn:aws:s3:::{bucket.stack}-{bucket.logical_id.lower()}-1a2b3c"
    return (
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": "s3.amazonaws.com"}
        and statement["Resource"] == queue
        and any(fnmatchcase(name, pattern) for pattern in _listed(sources))
    )


def _event_sources(joined: Joined) -> Iterator[str]:
    """The function behind each queue may take its messages, and delete them."""
    for mapping, properties in joined.of_type("AWS::Lambda::EventSourceMapping"):
        function = _function(joined, properties["FunctionName"])
        if function is None:
            yield f"{_place(mapping)}: expected a function, got {properties['FunctionName']}"
            continue
        allowed = set(_actions(joined, function, properties["EventSourceArn"]))
        for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"):
            if action not in allowed:
                yield f"{_place(mapping)}: expected its function allowed {action}, found it is not"


def _function(joined: Joined, reference: str) -> Resource | None:
    """Straight, or behind an alias."""
    named = joined.named(reference)
    if named is not None and named.type == "AWS::Lambda::Alias":
        return joined.named(joined.properties(named)["FunctionName"])
    return named


def _actions(joined: Joined, function: Resource, resource: str) -> Iterator[str]:
    role = joined.named(joined.properties(function)["Role"])
    for policy in [] if role is None else joined.properties(role).get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            if resource in _listed(statement["Resource"]):
                yield from _listed(statement["Action"])


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy's value, or a list of them
    return value if isinstance(value, list) else [value]


def _place_of(joined: Joined, text: object) -> str | None:
    resource = joined.named(text)
    return None if resource is None else _place(resource)


def _place(resource: Resource) -> str:
    return "/".join(resource.path)


CHECKS: tuple[Callable[[Joined], Iterator[str]], ...] = (
    _policies,
    _routes,
    _notifications,
    _event_sources,
    metric_findings,
)
