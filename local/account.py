"""The account that the local cloud pretends to be: moto's own, in one region."""

from __future__ import annotations

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
# Any keys open the local cloud, but for those of its functions.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"
