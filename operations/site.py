"""Where a stage's files land and go: as its data stack says, or by name on the local cloud."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from operations.errors import SiteError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

ROOT = Path(__file__).parent.parent
# Files that are looked at side by side, each over a connection of its own.
CONCURRENCY = 16
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# As the local cloud calls them, where there is no CloudFormation to ask.
LOCAL_BUCKETS = {"InboxBucket": "inbox", "ResultsBucket": "results"}


@dataclass(frozen=True, slots=True)
class Site:
    """One stage: its two buckets, and who talks to AWS."""

    s3: S3Client
    sqs: SQSClient
    inbox: str
    results: str


def find_site(
    *, stage: str | None, endpoint_url: str | None, inbox: str | None, results: str | None
) -> Site:
    """The stage that cdk.json names where None is given. Raises SiteError.

    Credentials, region and endpoint are boto3's, from the environment or a profile.
    """
    s3 = _client("s3", endpoint_url)
    if inbox is None or results is None:
        names = _bucket_names(s3, stage or default_stage(), endpoint_url)
        inbox, results = inbox or names["InboxBucket"], results or names["ResultsBucket"]
    return Site(s3, _client("sqs", endpoint_url), inbox, results)


def default_stage() -> str:
    stage: str = json.loads((ROOT / "cdk.json").read_bytes())["context"]["stage"]
    return stage


def stack_name(stage: str) -> str:
    return f"onnx-lambda-{stage}-data"


def _client(service: Any, endpoint_url: str | None) -> Any:  # noqa: ANN401 - any service's client
    retries: Any = {"mode": "standard", "total_max_attempts": 5}
    config = Config(retries=retries, max_pool_connections=CONCURRENCY)
    return boto3.client(service, endpoint_url=endpoint_url, config=config)


def _bucket_names(s3: S3Client, stage: str, endpoint_url: str | None) -> Mapping[str, str]:
    if urlsplit(s3.meta.endpoint_url).hostname in LOOPBACK:
        return LOCAL_BUCKETS
    try:
        answer = _client("cloudformation", endpoint_url).describe_stacks(
            StackName=stack_name(stage)
        )
    except ClientError as error:
        # CloudFormation's way to say that there is no such stack.
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        raise SiteError(
            f"expected the stack {stack_name(stage)} in this account and region, found none; "
            "choose another --stage, region (AWS_DEFAULT_REGION) or profile (AWS_PROFILE), or name the "
            "buckets: --inbox and --results"
        ) from error
    return {o["OutputKey"]: o["OutputValue"] for o in answer["Stacks"][0].get("Outputs", [])}
