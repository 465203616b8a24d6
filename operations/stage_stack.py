"""What a stage's stacks say of themselves, in their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from cdk.context import read_context
from operations.errors import SiteError

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def default_stage() -> str:
    """The one that cdk.json names. Raises ConfigurationError."""
    return str(read_context()["stage"])


def stack_name(part: str, stage: str | None) -> str:
    """`part` is "data", "api" or "model-<model>"; of the stage that cdk.json names where None is
    given."""
    return f"onnx-lambda-{stage or default_stage()}-{part}"


def outputs_of(
    name: str, endpoint_url: str | None, *, locally: Mapping[str, str], instead: str
) -> Mapping[str, str]:
    """Of a stack by its name, and `locally` where the local cloud stands for AWS, which has none.

    Raises SiteError, which says what to say `instead`.
    """
    client = boto3.client("cloudformation", endpoint_url=endpoint_url)
    if urlsplit(client.meta.endpoint_url).hostname in LOOPBACK:
        return locally
    try:
        [stack] = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # CloudFormation's way to say that there is no such stack.
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise SiteError(
            f"expected the stack {name} in this account and region, found none; choose another "
            f"--stage, region (AWS_DEFAULT_REGION) or profile (AWS_PROFILE), or {instead}"
        ) from error
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
