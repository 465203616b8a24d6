"""A stage as its template describes it: every policy in it, and whose role is whose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from iam.errors import UnknownPolicyError
from iam.grant import Grant, grants_of
from iam.policies import Policies
from local.assembly import Stack
from local.template import Identify, Resource, Template

Json = dict[str, Any]

# The boundary, which every role has, is the account's and no stage's.
ROLE_PROPERTIES = {"AssumeRolePolicyDocument", "PermissionsBoundary", "Policies", "Tags"}


class Stage:
    """`identify` says by which names the policies are to be read."""

    def __init__(self, stacks: Sequence[Stack], identify: Identify) -> None:
        self.stacks = stacks
        self.template = Template(stacks, identify)

    def policies(self) -> Policies:
        """Raises UnknownPolicyError."""
        return Policies(
            grant for resource in self.template.resources for grant in self._of(resource)
        )

    def roles(self) -> dict[str, str]:
        """The ARN of each function's role, by the function's name."""
        return {
            self.template.ref(function): self.template.properties(function, "Role")["Role"]
            for function in self.template.of_type("AWS::Lambda::Function")
        }

    def allowed(self) -> dict[str, list[Json]]:
        """What each function's own role lets it do, by the function's name."""
        by_arn = {
            self.template.attribute(role, "Arn"): _role_statements(self.properties(role))
            for role in self.template.of_type("AWS::IAM::Role")
        }
        return {function: by_arn[role] for function, role in self.roles().items()}

    def alias_updates(self) -> Iterator[tuple[Resource, Json]]:
        """Each alias that CodeDeploy moves, with what CloudFormation tells CodeDeploy to do."""
        aliases = self.template.of_type("AWS::Lambda::Alias")
        by_id = {(alias.stack, alias.logical_id): alias for alias in aliases}
        for stack in self.stacks:
            for logical_id, body in stack.template["Resources"].items():
                if update := body.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate"):
                    resolved = self.template.resolve(update, stack=stack.name)
                    yield by_id[stack.name, logical_id], resolved

    def properties(self, resource: Resource) -> Json:
        return self.template.properties(resource, *resource.properties)

    def _of(self, resource: Resource) -> Iterator[Grant]:
        if resource.type in READERS:
            yield from READERS[resource.type](self, resource)
        elif resource.type.startswith("AWS::IAM::") or resource.type.endswith("Policy"):
            raise UnknownPolicyError(
                f"{place_of(resource)}: nothing here reads {resource.type}; teach it to "
                "local/stage.py"
            )


def place_of(resource: Resource) -> str:
    return "/".join(resource.path)


def _role(stage: Stage, resource: Resource) -> Iterator[Grant]:
    """What the role may do, and who may take it on."""
    properties, place = stage.properties(resource), place_of(resource)
    if unknown := properties.keys() - ROLE_PROPERTIES:
        raise UnknownPolicyError(
            f"{place}: nothing here reads {', '.join(sorted(unknown))}; teach it to local/stage.py"
        )
    role = stage.template.attribute(resource, "Arn")
    yield from grants_of(_role_statements(properties), place=place, principal=role)
    trusted = properties["AssumeRolePolicyDocument"]["Statement"]
    yield from grants_of(trusted, place=place, resource=role)


def _role_statements(properties: Json) -> list[Json]:
    return [
        statement
        for policy in properties.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def _permission(stage: Stage, resource: Resource) -> Iterator[Grant]:
    """Lambda makes a statement of it:
    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"""
    properties = stage.properties(resource)
    principal = properties.pop("Principal")
    function, action = properties.pop("FunctionName"), properties.pop("Action")
    source = properties.pop("SourceArn", None)
    if properties:
        raise UnknownPolicyError(
            f"{place_of(resource)}: nothing here reads {', '.join(properties)}"
        )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS" if principal.startswith("arn:") else "Service": principal},
        "Action": action,
        "Resource": function,
        "Condition": {} if source is None else {"ArnLike": {"aws:SourceArn": source}},
    }
    yield from grants_of([statement], place=place_of(resource))


def _resource_policy(stage: Stage, resource: Resource) -> Iterator[Grant]:
    document = stage.properties(resource)["PolicyDocument"]
    yield from grants_of(document["Statement"], place=place_of(resource))


READERS: dict[str, Callable[[Stage, Resource], Iterator[Grant]]] = {
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Permission": _permission,
    "AWS::S3::BucketPolicy": _resource_policy,
    "AWS::SNS::TopicPolicy": _resource_policy,
    "AWS::SQS::QueuePolicy": _resource_policy,
}
