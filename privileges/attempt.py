"""What somebody else could try, and no policy may allow: each access with one thing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from chaos.laboratory import MODEL
from iam.access import OVER_TLS, Access, Need
from iam.recording import Recording

OTHER_ACCOUNT = "999999999999"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/stranger"
TLS, _ = OVER_TLS
PREFIX = "s3:prefix"
# All others answer over TLS alone.
PLAIN_SERVICES = ("s3:", "sns:", "sqs:")
FOLDER = re.compile(rf"(^|/){MODEL}/")
# What stands before a name in an ARN.
KIND = re.compile(r"(alarm:|deploymentgroup:|event-bus/|function:|log-group:|role/)?")
# Whoever may make alarms in the account may have them told.
ALARMS = "arn:aws:cloudwatch:"

# The difference in words, and what comes in the place of what was.
Others = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Attempt:
    access: Access
    difference: str

    def __str__(self) -> str:
        return f"{self.access}, {self.difference}"


def attempts(recording: Recording) -> Iterator[Attempt]:
    """What is done without a prefix is not tried with another: no condition could allow both."""
    free = {_deed(access) for access in recording if not _has_prefix(access)}
    for access in recording:
        if _has_prefix(access) and _deed(access) in free:
            continue
        yield Attempt(replace(access, principal=STRANGER), "by another principal")
        for difference, need in _other_needs(access.need):
            yield Attempt(replace(access, need=need), difference)


def _has_prefix(access: Access) -> bool:
    return PREFIX in dict(access.need.context)


def _deed(access: Access) -> tuple[str, str, str]:
    return access.principal, access.need.action, access.need.resource


def _other_needs(need: Need) -> Iterator[tuple[str, Need]]:
    yield "by another action", replace(need, action=f"{need.action}Another")
    for difference, resource in _other_resources(need.resource):
        yield f"on {difference}", replace(need, resource=resource)
    for key, value in need.context:
        if key == TLS and not need.action.startswith(PLAIN_SERVICES):
            continue
        for difference, other in OTHER_VALUES[key](value):
            context = {**dict(need.context), key: other}
            yield difference, replace(need, context=tuple(context.items()))


def _other_resources(arn: str) -> Others:
    yield from _others_account(arn)
    yield from _other_name(arn)
    yield from _other_folder(arn)


def _others_account(arn: str) -> Others:
    *start, account, name = arn.split(":", 5)
    if account:  # S3's have none
        yield "what is another account's", ":".join([*start, OTHER_ACCOUNT, name])


def _other_name(arn: str) -> Others:
    *start, name = arn.split(":", 5)
    yield "another resource", ":".join([*start, KIND.sub(r"\1another-", name, count=1)])


def _other_folder(path: str) -> Others:
    if FOLDER.search(path):
        yield "another model's files", FOLDER.sub(r"\1another/", path, count=1)


def _not_tls(_: str) -> Others:
    yield "not over TLS", "false"


def _from_other_account(_: str) -> Others:
    yield "from another account", OTHER_ACCOUNT


def _from_elsewhere(arn: str) -> Others:
    others = [*_others_account(arn), *([] if arn.startswith(ALARMS) else _other_name(arn))]
    for difference, other in others:
        yield f"from {difference}", other


def _with_other_prefix(prefix: str) -> Others:
    for difference, other in _other_folder(prefix):
        yield f"for {difference}", other


# Of each condition key that requests bring along.
OTHER_VALUES: Mapping[str, Callable[[str], Others]] = {
    TLS: _not_tls,
    "aws:SourceAccount": _from_other_account,
    "aws:SourceArn": _from_elsewhere,
    PREFIX: _with_other_prefix,
}
