"""Where a stage's HTTP API is: as its stack says, or by number on the local cloud."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from operations.stage_stack import LOOPBACK, outputs_of, stack_name
from smoke.errors import OptionError

LOCAL = {"ApiUrl": "http://127.0.0.1:8080"}
# Neither a password, nor a query or a fragment, which no path could follow.
URL = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]+)?(/[^\s?#]*)?")


def find_address(stage: str | None, endpoint_url: str | None) -> str:
    """Of the stage that cdk.json names where None is given. Raises SiteError."""
    name = stack_name("api", stage)
    outputs = outputs_of(
        name, endpoint_url, locally=LOCAL, instead="say where the API is: --api-url"
    )
    return outputs["ApiUrl"]


def checked(url: str) -> str:
    """The same. Raises OptionError unless signatures and tokens may go there."""
    if not (URL.fullmatch(url) and _is_private(url)):
        without_password = url.rpartition("@")[2]
        raise OptionError(
            "--api-url: expected https:// and a host, or http:// and this machine (127.0.0.1), got "
            f"{without_password!r}"
        )
    return url


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read along."""
    parts = urlsplit(url)
    try:
        has_port = parts.port != 0
    except ValueError:  # above 65535
        return False
    return has_port and (parts.scheme == "https" or parts.hostname in LOOPBACK)
