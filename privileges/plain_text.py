"""Attempts not over TLS at all that holds files and messages, whether a function uses it or not.

An administrator stands for whoever is allowed by policies that are not the stage's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iam.access import Access, Need
from iam.account import ACCOUNT_ID
from iam.grant import Grant
from local.stage import Stage
from privileges.attempt import TLS, Attempt

ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT_ID}:role/administrator"


def administrators_grants(stage: Stage) -> Iterator[Grant]:
    for action, resource in _stores(stage):
        yield Grant("an administrator's policy", "Allow", ADMINISTRATOR, action, resource)


def attempts_in_plain_text(grants: Iterable[Grant]) -> Iterator[Attempt]:
    for grant in grants:
        need = Need(grant.action, grant.resource, ((TLS, "false"),))
        yield Attempt(Access(grant.principal, need), "not over TLS")


def _stores(stage: Stage) -> Iterator[tuple[str, str]]:
    template = stage.template
    for bucket in template.of_type("AWS::S3::Bucket"):
        arn = template.attribute(bucket, "Arn")
        yield "s3:ListBucket", arn
        yield "s3:GetObject", f"{arn}/key"
    for queue in template.of_type("AWS::SQS::Queue"):
        yield "sqs:ReceiveMessage", template.attribute(queue, "Arn")
    for topic in template.of_type("AWS::SNS::Topic"):
        yield "sns:Publish", template.ref(topic)
