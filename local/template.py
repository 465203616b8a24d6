"""The synthesized stacks as one: their resources, and values with every intrinsic resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iam.account import ACCOUNT_ID, REGION
from local.assembly import Stack
from local.errors import AssemblyError

PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """`properties` are as the template has them; `path` is where CDK's construct tree has it."""

    stack: str
    logical_id: str
    type: str
    properties: dict[str, Any]
    path: tuple[str, ...]

    @property
    def construct_id(self) -> str:
        return self.path[-1]

    def error(self, sentence: str) -> AssemblyError:
        return AssemblyError(f"{'/'.join(self.path)} ({self.type}): {sentence}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What `Ref` and `Fn::GetAtt` give for a resource."""

    ref: str
    attributes: Mapping[str, str]


Identify = Callable[[Resource], Identity]


class Template:
    """`identify` says who a resource is here; it is asked only for what something refers to."""

    def __init__(self, stacks: Sequence[Stack], identify: Identify) -> None:
        self._identify = identify
        self._resources = {
            (stack.name, logical_id): _resource(stack.name, logical_id, body)
            for stack in stacks
            for logical_id, body in stack.template.get("Resources", {}).items()
        }
        self._exports = {
            output["Export"]["Name"]: (stack.name, output["Value"])
            for stack in stacks
            for output in stack.template.get("Outputs", {}).values()
            if "Export" in output
        }

    @property
    def resources(self) -> list[Resource]:
        return list(self._resources.values())

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self._resources.values() if resource.type == kind]

    def properties(self, resource: Resource, *names: str) -> dict[str, Any]:
        """Those of a resource's properties that it has, resolved."""
        chosen = {name: resource.properties[name] for name in names if name in resource.properties}
        resolved: dict[str, Any] = self.resolve(chosen, stack=resource.stack)
        return resolved

    def ref(self, resource: Resource) -> str:
        return self._identify(resource).ref

    def attribute(self, resource: Resource, name: str) -> str:
        attributes = self._identify(resource).attributes
        if name not in attributes:
            raise resource.error(f"{name} has no local meaning")
        return attributes[name]

    def resolve(self, value: object, *, stack: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        match value:
            case list():
                return [self.resolve(item, stack=stack) for item in value]
            case dict() if len(value) == 1 and _is_intrinsic(name := next(iter(value))):
                return self._intrinsic(name, value[name], stack)
            case dict():
                return {key: self.resolve(item, stack=stack) for key, item in value.items()}
        return value

    def _intrinsic(self, name: str, argument: Any, stack: str) -> Any:  # noqa: ANN401 - likewise
        match name, argument:
            case "Ref", str():
                return self._ref(argument, stack)
            case "Fn::GetAtt", [logical_id, attribute]:
                return self.attribute(self._resource(logical_id, stack), attribute)
            case "Fn::Sub", str():
                return self._substitute(argument, {}, stack)
            case "Fn::Sub", [text, variables]:
                return self._substitute(text, self.resolve(variables, stack=stack), stack)
        return self._computed(name, self.resolve(argument, stack=stack), stack)

    def _computed(self, name: str, argument: Any, stack: str) -> Any:  # noqa: ANN401 - likewise
        match name, argument:
            case "Fn::Join", [separator, parts]:
                return separator.join(parts)
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [index, items]:
                return items[int(index)]
            case "Fn::ImportValue", str():
                return self._import(argument, stack)
        raise AssemblyError(f"{stack}: {name} has no local meaning; teach it to local/template.py")

    def _ref(self, name: str, stack: str) -> str:
        if name == "AWS::StackName":
            return stack
        return PSEUDO_PARAMETERS.get(name) or self.ref(self._resource(name, stack))

    def _substitute(self, text: str, variables: Mapping[str, Any], stack: str) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            if name in variables:
                return str(variables[name])
            logical_id, _, attribute = name.partition(".")
            if attribute:
                return self.attribute(self._resource(logical_id, stack), attribute)
            return self._ref(name, stack)

        return re.sub(r"\$\{([^!}][^}]*)\}", replacement, text).replace("${!", "${")

    def _import(self, name: str, stack: str) -> Any:  # noqa: ANN401 - likewise
        if name not in self._exports:
            raise AssemblyError(f"{stack}: imports {name}, which no stack exports")
        exporter, value = self._exports[name]
        return self.resolve(value, stack=exporter)

    def _resource(self, logical_id: str, stack: str) -> Resource:
        if (stack, logical_id) not in self._resources:
            raise AssemblyError(f"{stack}: refers to {logical_id}, which it does not define")
        return self._resources[stack, logical_id]


def _is_intrinsic(key: str) -> bool:
    return key == "Ref" or key.startswith("Fn::")


def _resource(stack: str, logical_id: str, body: dict[str, Any]) -> Resource:
    # Without metadata (a hand-written template), the logical id is all that there is.
    path = body.get("Metadata", {}).get("aws:cdk:path", f"{stack}/{logical_id}")
    parts = tuple(path.removesuffix("/Resource").split("/"))
    return Resource(stack, logical_id, body["Type"], body.get("Properties", {}), parts)
