"""Where a stage's HTTP API is: as its stack says, or by number on the local cloud."""

from __future__ import annotations

from operations.stage_stack import outputs_of, stack_name

LOCAL = {"ApiUrl": "http://127.0.0.1:8080"}


def find_address(stage: str | None, endpoint_url: str | None) -> str:
    """Of the stage that cdk.json names where None is given. Raises SiteError."""
    name = stack_name("api", stage)
    outputs = outputs_of(
        name, endpoint_url, locally=LOCAL, instead="say where the API is: --api-url"
    )
    return outputs["ApiUrl"]
