"""The account that stands for one of AWS: moto's own, in one region."""

from __future__ import annotations

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"
