"""Where a stage's files land and go: as its data stack says, or by name on the local cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from operations.stage_stack import outputs_of, stack_name

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

# Files that are looked at side by side, each over a connection of its own.
CONCURRENCY = 16
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
        names = outputs_of(
            stack_name("data", stage),
            endpoint_url,
            locally=LOCAL_BUCKETS,
            instead="name the buckets: --inbox and --results",
        )
        inbox, results = inbox or names["InboxBucket"], results or names["ResultsBucket"]
    return Site(s3, _client("sqs", endpoint_url), inbox, results)


def _client(service: Any, endpoint_url: str | None) -> Any:  # noqa: ANN401 - any service's client
    retries: Any = {"mode": "standard", "total_max_attempts": 5}
    config = Config(retries=retries, max_pool_connections=CONCURRENCY)
    return boto3.client(service, endpoint_url=endpoint_url, config=config)
