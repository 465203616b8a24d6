"""What was deployed, read back from each service, beside what the template says.

moto's CloudFormation gives templates back as it got them, so that asking it proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iam.account import ACCOUNT_ID, arn
from local.assembly import Stack
from local.template import Identity, Resource, Template
from rehearsal.aws import Account
from rehearsal.readers import READERS, newest_version
from rehearsal.stand_ins import KEPT

Json = dict[str, Any]
# By stack and logical id.
Names = Mapping[tuple[str, str], str]

# Made by moto, with nothing to read back that it did not get from the template.
UNREAD = {"AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::SNS::Topic"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """By type of resource: properties that are as the template says, and those that nothing told.

    `kept` are types that moto makes nothing of.
    """

    confirmed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    untold: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    kept: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)


class Deployed:
    """The stacks as they are in the account."""

    def __init__(self, account: Account, stacks: list[Stack]) -> None:
        self._account = account
        self._names = _names(account, stacks)
        self._template = Template(stacks, self._identify)

    def compare(self) -> Comparison:
        comparison = Comparison()
        for resource in self._template.resources:
            if (resource.stack, resource.logical_id) not in self._names:
                comparison.findings.append(f"{_place(resource)}: expected it made, found nothing")
            elif resource.type in READERS:
                self._compare(resource, comparison)
            elif resource.type in KEPT:
                comparison.kept.add(resource.type)
            elif resource.type not in UNREAD:
                comparison.findings.append(
                    f"{resource.type}: nothing reads it back; teach rehearsal/readers.py"
                )
        return comparison

    def images(self) -> dict[str, str]:
        """The image of each function, by the function's place in the construct tree."""
        return {
            _place(function): str(self._read(function)["Code"]["ImageUri"])
            for function in self._template.of_type("AWS::Lambda::Function")
            if function.properties.get("PackageType") == "Image"
        }

    def names_of(self, kind: str) -> set[str]:
        return {self._name(resource) for resource in self._template.of_type(kind)}

    def _compare(self, resource: Resource, comparison: Comparison) -> None:
        told = self._read(resource)
        for key, expected in self._template.properties(resource, *resource.properties).items():
            if key not in told:
                comparison.untold[resource.type].add(key)
            elif told[key] == expected:
                comparison.confirmed[resource.type].add(key)
            else:
                comparison.findings.append(
                    f"{_place(resource)}: {key}: expected {expected}, got {told[key]}"
                )

    def _read(self, resource: Resource) -> Json:
        return READERS[resource.type](self._account, self._name(resource))

    def _name(self, resource: Resource) -> str:
        return self._names[resource.stack, resource.logical_id]

    def _identify(self, resource: Resource) -> Identity:
        name = self._name(resource)
        attributes = _Attributes(kind=resource.type, name=name)
        if resource.type == "AWS::Lambda::Version":
            # It has no name here; of a function, the newest is the one that the template has.
            function = self._names[resource.stack, resource.properties["FunctionName"]["Ref"]]
            attributes["Version"] = newest_version(self._account, function)
        return Identity(name, attributes)


class _Attributes(dict[str, str]):
    """What CloudFormation makes of a resource's name."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        name = self["name"].rpartition("/")[2]
        match self["kind"], key:
            case "AWS::S3::Bucket", "Arn":
                return f"arn:aws:s3:::{name}"
            case "AWS::SQS::Queue", "Arn":
                return arn("sqs", name)
            case "AWS::Lambda::Function", "Arn":
                return arn("lambda", f"function:{name}")
            case "AWS::Logs::LogGroup", "Arn":
                # AWS adds ":*", moto does not.
                return arn("logs", f"log-group:{name}")
            case "AWS::IAM::Role", "Arn":
                return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
        return f"{self['name']}.{key}"


def _names(account: Account, stacks: list[Stack]) -> Names:
    """What has no name of its own, as a permission, goes by none."""
    cloudformation = account.client("cloudformation")
    return {
        (stack.name, made["LogicalResourceId"]): made.get("PhysicalResourceId", "")
        for stack in stacks
        for made in cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
        # Of what moto drops, it says that there is something.
        if "LogicalResourceId" in made
    }


def _place(resource: Resource) -> str:
    return "/".join(resource.path)
