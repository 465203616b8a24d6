"""The HTTP API's routes, and which of them a request takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.compute import FunctionsByArn
from local.function import Function
from local.template import Resource, Template

DEFAULT = "$default"
ANY = "ANY"


@dataclass(frozen=True, slots=True)
class Route:
    """`key` is API Gateway's: `$default`, or a method (or ANY) and a path."""

    key: str
    function: Function

    @property
    def method(self) -> str:
        return self.key.partition(" ")[0]

    @property
    def segments(self) -> list[str]:
        return _segments(self.key.partition(" ")[2])

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters if this route takes the request, otherwise None."""
        if self.key == DEFAULT:
            return {}
        if self.method not in {ANY, method}:
            return None
        return _parameters(self.segments, _segments(path))


def select(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The most specific route: full matches, then the longest greedy one, then `$default`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    matches = (
        (route, parameters)
        for route in routes
        if (parameters := route.parameters(method, path)) is not None
    )
    return min(matches, key=lambda match: _specificity(match[0]), default=None)


def routes_of(template: Template, by_arn: FunctionsByArn) -> list[Route]:
    targets = {
        f"integrations/{template.ref(integration)}": _target(integration, template, by_arn)
        for integration in template.of_type("AWS::ApiGatewayV2::Integration")
    }
    keyed = (
        template.properties(route, "RouteKey", "Target")
        for route in template.of_type("AWS::ApiGatewayV2::Route")
    )
    return [Route(route["RouteKey"], targets[route["Target"]]) for route in keyed]


def _target(integration: Resource, template: Template, by_arn: FunctionsByArn) -> Function:
    properties: dict[str, Any] = template.properties(
        integration, "IntegrationType", "IntegrationUri", "PayloadFormatVersion"
    )
    if properties["IntegrationType"] != "AWS_PROXY" or properties["PayloadFormatVersion"] != "2.0":
        raise integration.error("expected an AWS_PROXY integration of payload format 2.0")
    if properties["IntegrationUri"] not in by_arn:
        raise integration.error(f"expected a function's ARN, got {properties['IntegrationUri']}")
    return by_arn[properties["IntegrationUri"]]


def _specificity(route: Route) -> tuple[bool, list[int], bool]:
    """Sorts the most specific first: literal before parameter before greedy, method before ANY."""
    return route.key == DEFAULT, [_rank(segment) for segment in route.segments], route.method == ANY


def _rank(segment: str) -> int:
    if not segment.startswith("{"):
        return 0
    return 2 if segment.endswith("+}") else 1


def _parameters(pattern: list[str], path: list[str]) -> dict[str, str] | None:
    parameters = {}
    for position, segment in enumerate(pattern):
        rest = path[position:]
        match _rank(segment):
            case 0 if rest[:1] != [segment]:
                return None
            case 1 | 2 if not any(rest):
                return None
            case 1:
                parameters[segment[1:-1]] = rest[0]
            case 2:
                return parameters | {segment[1:-2]: "/".join(rest)}
    return parameters if len(pattern) == len(path) else None


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")
