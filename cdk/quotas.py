"""What CloudFormation, API Gateway and S3 refuse only at deployment, refused at synthesis."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from serving.errors import ConfigurationError

Template = dict[str, Any]

RESOURCES = 500
OUTPUTS = 200
ROUTES = 300
NOTIFICATION_FILTERS = 100


def check_quotas(templates: Mapping[str, Path]) -> None:
    """Raises ConfigurationError, naming the stack, for the first template that is too large."""
    for stack, path in templates.items():
        for what, count, quota in _counts(json.loads(path.read_bytes())):
            if count > quota:
                raise ConfigurationError(
                    f"{stack}: expected at most {quota} {what}, got {count}; deploy fewer models "
                    "in this stage, and the others in another one"
                )


def _counts(template: Template) -> Iterator[tuple[str, int, int]]:
    yield "HTTP API routes", len(_of_type(template, "AWS::ApiGatewayV2::Route")), ROUTES
    for bucket in _of_type(template, "AWS::S3::Bucket"):
        announced = bucket["Properties"].get("NotificationConfiguration", {})
        count = len(announced.get("QueueConfigurations", []))
        yield "notification filters on a bucket", count, NOTIFICATION_FILTERS
    yield "outputs in a stack", len(template.get("Outputs", {})), OUTPUTS
    yield "resources in a stack", len(template["Resources"]), RESOURCES


def _of_type(template: Template, kind: str) -> list[dict[str, Any]]:
    return [body for body in template["Resources"].values() if body["Type"] == kind]
