"""Policies come to what IAM's documents say they do, and what nobody evaluates is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.access import OVER_TLS, Access, Need
from iam.errors import UnknownPolicyError
from iam.grant import grants_of
from iam.policies import Policies

Json = dict[str, Any]

ROLE = "arn:aws:iam::123456789012:role/score"
BUCKET = "arn:aws:s3:::inbox"
OBJECT = f"{BUCKET}/housing/rows.csv"


def policies(*statements: Json, principal: str | None = ROLE) -> Policies:
    return Policies(grants_of(statements, place="a policy", principal=principal))


def allow(action: str | list[str], resource: str | list[str], **elements: Any) -> Json:  # noqa: ANN401 - a statement's
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def access(action: str, resource: str = OBJECT, **context: str) -> Access:
    named = {name.replace("_", ":"): value for name, value in context.items()}
    return Access(ROLE, Need(action, resource, (OVER_TLS, *named.items())))


def test_what_nothing_allows_is_refused() -> None:
    allowed = policies(allow("s3:GetObject", f"{BUCKET}/housing/*"))

    assert allowed.allow(access("s3:GetObject"))
    assert not allowed.allow(access("s3:PutObject"))
    assert not allowed.allow(access("s3:GetObject", f"{BUCKET}/digits/rows.csv"))
    assert not Policies([]).allow(access("s3:GetObject"))


def test_another_principals_policy_allows_nothing() -> None:
    allowed = policies(allow("s3:GetObject", "*"), principal=f"{ROLE}-of-another")

    assert not allowed.allow(access("s3:GetObject"))


def test_a_denial_wins_over_whatever_allows() -> None:
    plain_http = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": plain_http}
    allowed = policies(allow("s3:GetObject", "*"), denied)
    in_the_open = Access(ROLE, Need("s3:GetObject", OBJECT, (("aws:SecureTransport", "false"),)))

    assert allowed.allow(access("s3:GetObject"))
    assert not allowed.allow(in_the_open)


@pytest.mark.parametrize(
    ("prefix", "is_allowed"),
    [("housing/rows.csv", True), (".parts/housing/", True), ("digits/", False), ("", False)],
)
def test_any_value_of_a_condition_will_do(prefix: str, *, is_allowed: bool) -> None:
    only_here = {"StringLike": {"s3:prefix": ["housing/*", ".parts/housing/*"]}}
    allowed = policies(allow("s3:ListBucketVersions", BUCKET, Condition=only_here))

    assert allowed.allow(access("s3:ListBucketVersions", BUCKET, s3_prefix=prefix)) is is_allowed


def test_a_condition_on_what_the_request_does_not_say_does_not_hold() -> None:
    only_here = {"StringLike": {"s3:prefix": "*"}}
    allowed = policies(allow("s3:ListBucket", BUCKET, Condition=only_here))

    assert not allowed.allow(access("s3:ListBucket", BUCKET))


def test_every_condition_must_hold() -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::product-dev-data-inbox*"},
    }
    statement = allow("sqs:SendMessage", "*", Condition=condition)
    service = {"Principal": {"Service": "s3.amazonaws.com"}}
    allowed = policies(statement | service, principal=None)

    def sent(account: str, bucket: str) -> bool:
        told = (("aws:SourceAccount", account), ("aws:SourceArn", bucket))
        need = Need("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:queue", told)
        return allowed.allow(Access("s3.amazonaws.com", need))

    assert sent("123456789012", "arn:aws:s3:::product-dev-data-inbox-1a2b")
    assert not sent("999999999999", "arn:aws:s3:::product-dev-data-inbox-1a2b")
    assert not sent("123456789012", "arn:aws:s3:::product-dev-data-results-1a2b")


def test_actions_and_the_names_of_conditions_know_no_case() -> None:
    condition = {"StringEquals": {"S3:Prefix": "housing/"}}
    allowed = policies(allow("S3:listbucket", BUCKET, Condition=condition))

    assert allowed.allow(access("s3:ListBucket", BUCKET, s3_prefix="housing/"))


def test_a_statement_falls_into_all_that_could_be_left_out_of_it() -> None:
    condition = {"StringLike": {"s3:prefix": ["a/*", "b/*"]}}
    statement = allow(["s3:ListBucket", "s3:GetObject"], [BUCKET, OBJECT], Condition=condition)

    grants = policies(statement).grants

    assert len(grants) == 8
    assert {(g.action, g.resource, g.conditions[0].value) for g in grants} == {
        (action, resource, value)
        for action in ("s3:ListBucket", "s3:GetObject")
        for resource in (BUCKET, OBJECT)
        for value in ("a/*", "b/*")
    }


@given(st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "*"]), max_size=4))
def test_less_is_allowed_without_a_grant_and_never_more(actions: list[str]) -> None:
    allowed = policies(*(allow(action, f"{BUCKET}/*") for action in actions))
    asked = [access("s3:GetObject"), access("s3:PutObject"), access("sqs:SendMessage")]

    for grant in allowed.grants:
        fewer = allowed.without(grant)
        assert all(allowed.allow(a) for a in asked if fewer.allow(a))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            {"Effect": "Allow", "NotAction": "s3:*", "Action": "*", "Resource": "*"},
            (
                "a policy: expected Action, Condition, Effect, Principal, Resource, Sid, got "
                "NotAction; teach it to iam/grant.py"
            ),
        ),
        (
            {"Effect": "Perhaps", "Action": "*", "Resource": "*"},
            "a policy: expected Allow or Deny, got Perhaps",
        ),
        (
            allow("*", "*", Condition={"NumericLessThan": {"s3:max-keys": "10"}}),
            (
                "expected one of ArnEquals, ArnLike, Bool, StringEquals, StringLike, got the "
                "operator NumericLessThan; teach it to iam/condition.py"
            ),
        ),
    ],
)
def test_what_nobody_evaluates_is_refused(statement: Json, sentence: str) -> None:
    with pytest.raises(UnknownPolicyError) as raised:
        policies(statement)

    assert str(raised.value) == sentence


@pytest.mark.parametrize("principal", [None, {"Federated": "x"}, {"AWS": "*", "Service": "x"}])
def test_a_principal_of_another_kind_is_refused(principal: object) -> None:
    with pytest.raises(UnknownPolicyError, match="expected a principal of AWS or a service"):
        policies(allow("*", "*", Principal=principal), principal=None)
