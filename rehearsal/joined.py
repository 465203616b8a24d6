"""The template with every reference followed: each resource under one name, wherever it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iam.account import ACCOUNT_ID, REGION, arn
from local.assembly import Stack
from local.template import Identity, Resource, Template

Json = dict[str, Any]

NAME = re.compile(r"[a-z0-9-]+![A-Za-z0-9]+")


class Joined:
    """Raises AssemblyError at a reference that leads nowhere."""

    def __init__(self, stacks: list[Stack]) -> None:
        template = Template(stacks, identify)
        self._properties = {
            _name(resource): (resource, template.properties(resource, *resource.properties))
            for resource in template.resources
        }

    def of_type(self, kind: str) -> Iterator[tuple[Resource, Json]]:
        return (pair for pair in self._properties.values() if pair[0].type == kind)

    def named(self, text: object) -> Resource | None:
        """The resource that a reference, or an ARN with one in it, is about."""
        for name in NAME.findall(str(text)):
            if name in self._properties:
                return self._properties[name][0]
        return None

    def properties(self, resource: Resource) -> Json:
        return self._properties[_name(resource)][1]


def identify(resource: Resource) -> Identity:
    """`<stack>!<logical id>`, within the forms that a template takes apart."""
    name = _name(resource)
    service = resource.type.split("::")[1].lower()
    match resource.type:
        case "AWS::Lambda::Alias":
            ref = arn(service, f"function:{name}:{resource.properties['Name']}")
        case "AWS::SQS::Queue":
            ref = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"
        case _:
            ref = name
    return Identity(ref, _Attributes(name=name, service=service))


class _Attributes(dict[str, str]):
    """Any attribute of a resource that is not made yet."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return arn(self["service"], self["name"]) if key == "Arn" else f"{self['name']}.{key}"


def _name(resource: Resource) -> str:
    return f"{resource.stack}!{resource.logical_id}"
