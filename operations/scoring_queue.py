"""One model's queue, as the inbox announces files to it, and where its dead letters go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operations.errors import SelectionError, SiteError
from operations.site import Site

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class ScoringQueue:
    url: str
    dead_letters_url: str


def find_queue(site: Site, model: str) -> ScoringQueue:
    """What the inbox itself announces to cannot be another stage's. Raises SelectionError where it
    announces no such model's files, and SiteError where the queue has no dead letters."""
    arns = announced(site)
    if f"{model}/" not in arns:
        there = ", ".join(prefix.removesuffix("/") for prefix in sorted(arns)) or "none"
        raise SelectionError(
            f"expected a model whose files {site.inbox} announces ({there}), got {model!r}"
        )
    url = _url(site.sqs, arns[f"{model}/"])
    return ScoringQueue(url, _url(site.sqs, _dead_letters_arn(site.sqs, url)))


def announced(site: Site) -> dict[str, str]:
    """The prefix of each model's keys, with the ARN of its queue."""
    return dict(_rules(site))


def _rules(site: Site) -> Iterator[tuple[str, str]]:
    answer = site.s3.get_bucket_notification_configuration(Bucket=site.inbox)
    for notification in answer.get("QueueConfigurations", []):
        rules: Any = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        for rule in rules:
            # S3 takes the name in any case, and answers "Prefix".
            if rule["Name"].lower() == "prefix":
                yield rule["Value"], notification["QueueArn"]


def _dead_letters_arn(sqs: SQSClient, url: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = answer.get("Attributes", {}).get("RedrivePolicy")
    if policy is None:
        raise SiteError(f"{url}: expected a redrive policy, found none; deploy the stage again")
    arn: str = json.loads(policy)["deadLetterTargetArn"]
    return arn


def _url(sqs: SQSClient, arn: str) -> str:
    *_, account, name = arn.split(":")
    return sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
