"""Every role and every policy of a stage allows what is done, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from cdk.context import read_context
from cdk.deployer import synthesize
from iam.access import Access
from iam.account import ACCOUNT_ID
from iam.condition import Condition
from iam.grant import ANYONE, Grant, grants_of
from iam.policies import Policies
from local.assembly import Stack
from local.names import deployed
from local.template import Template
from privileges.__main__ import main
from privileges.attempt import attempts
from privileges.plain_text import administrators_grants, attempts_in_plain_text
from privileges.proof import Proof, prove
from privileges.report import report
from privileges.verdict import judge

ANOTHER_ACCOUNT = "210987654321"
# What a pattern may leave open: the keys of a model's objects, and the streams of a log.
KEYS = r"arn:aws:s3:::[\w-]+/(\.\w+/)?example/\*"
STREAMS = r"arn:aws:logs:[\w:-]+:log-group:[\w-]+:\*"
LEFT_OPEN = re.compile(f"{KEYS}|{STREAMS}")
# S3 writes its own log, and names its objects.
ACCESS_LOG = re.compile(r"arn:aws:s3:::[\w-]*accesslogs[\w-]+/(inbox|results)/\*")


@pytest.fixture(scope="module")
def proof() -> Proof:
    # Powertools keeps metrics and dimensions for as long as the process lives.
    metrics = Metrics()
    metrics.clear_default_dimensions()
    metrics.clear_metrics()
    return prove()


@pytest.fixture(scope="module")
def tried(proof: Proof) -> list[Access]:
    """What a verdict tries."""
    in_plain_text = attempts_in_plain_text(administrators_grants(proof.stage))
    return [attempt.access for attempt in (*attempts(proof.recording), *in_plain_text)]


def test_nothing_is_missing_or_too_wide_or_unused(proof: Proof) -> None:
    verdict = proof.verdict()

    assert (verdict.missing, verdict.wide, verdict.unused, verdict.needless) == ([], {}, [], [])
    assert [*report(verdict)][-3:] == ["missing: 0", "too wide: 0", "unused: 0"]


def test_without_any_one_grant_something_is_missing(proof: Proof) -> None:
    sole = proof.verdict().sole

    noticed = [grant for grant in sole if not proof.policies.without(grant).allow(sole[grant])]
    assert set(noticed) == set(proof.policies.allows)


@pytest.mark.parametrize("function", ["Predict", "Catalog"])
def test_who_only_answers_requests_calls_nothing(proof: Proof, function: str) -> None:
    [role] = {g.principal for g in proof.verdict().uses if g.place.endswith(f"/{function}Role")} - {
        "lambda.amazonaws.com"
    }

    done = {access.need.action for access in proof.recording if access.principal == role}

    assert done == {"logs:CreateLogStream", "logs:PutLogEvents"}


@pytest.mark.parametrize(
    ("place", "action", "widening", "difference"),
    [
        ("/example/Queue/Policy", "sqs:SendMessage", {"conditions": ()}, "from another resource"),
        ("/example/Queue/Policy", "sqs:SendMessage", {"principal": "*"}, "by another principal"),
        ("/Alarms/Policy", "sns:Publish", {"conditions": ()}, "from what is another account's"),
        ("/ScoreRole", "s3:ListBucketVersions", {"conditions": ()}, "for another model's files"),
        ("/ScoreRole", "s3:GetObject", {"resource": "*"}, "on another resource"),
        ("/ScoreRole", "sqs:SendMessage", {"action": "sqs:*"}, "by another action"),
        ("/Gate/Asked", "lambda:InvokeFunction", {"principal": "*"}, "by another principal"),
    ],
)
def test_what_is_widened_is_told(
    proof: Proof, place: str, action: str, widening: dict[str, Any], difference: str
) -> None:
    meant = {g for g in proof.policies.allows if g.place.endswith(place) and g.action == action}
    widened = {replace(grant, **widening) for grant in meant}

    verdict = proof.judge(Policies(proof.policies.grants - meant | widened))

    assert {attempt.difference for attempt in verdict.wide.values()} == {difference}
    assert verdict.wide.keys() == widened
    assert f"too wide: {len(widened)}" in [*report(verdict)]


def test_no_condition_could_be_left_out(proof: Proof, tried: list[Access]) -> None:
    def without(grant: Grant, condition: Condition) -> Policies:
        others = tuple(c for c in grant.conditions if c != condition)
        return Policies(proof.policies.grants | {replace(grant, conditions=others)})

    conditional = [(grant, c) for grant in proof.policies.allows for c in grant.conditions]

    assert len(conditional) > 0
    assert [given for given in conditional if not lets_in(without(*given), tried)] == []


def test_no_denial_could_be_left_out(proof: Proof, tried: list[Access]) -> None:
    outside = proof.policies.grants.union(administrators_grants(proof.stage))
    denials = [grant for grant in proof.policies.grants if grant.effect == "Deny"]

    assert len(denials) > 0
    assert [denial for denial in denials if not lets_in(Policies(outside - {denial}), tried)] == []


def test_nothing_could_be_opened_to_everybody(proof: Proof, tried: list[Access]) -> None:
    opened = [replace(grant, principal=ANYONE) for grant in proof.policies.allows]

    assert [grant for grant in opened if not lets_in(Policies([grant]), tried)] == []


def lets_in(policies: Policies, tried: list[Access]) -> bool:
    return any(map(policies.allow, tried))


def test_what_is_too_wide_ends_with_1(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = {replace(g, principal=ANYONE) for g in proof.policies.allows if "Asked" in g.place}
    monkeypatch.setattr("privileges.__main__.prove", lambda: proof)

    code = main()

    monkeypatch.setattr(proof, "policies", Policies(proof.policies.grants | opened))
    assert (code, main()) == (0, 1)


def test_a_grant_names_what_it_is_about(proof: Proof) -> None:
    def leaves_open(grant: Grant) -> bool:
        return "*" in grant.action + grant.resource or "?" in grant.resource

    wide = [grant.resource for grant in proof.policies.allows if leaves_open(grant)]

    assert [r for r in wide if not LEFT_OPEN.fullmatch(r) and not ACCESS_LOG.fullmatch(r)] == []


def test_the_accounts_boundary_is_in_no_roles_way(proof: Proof, tmp_path: Path) -> None:
    [template] = synthesize(read_context(), tmp_path / "deployer").glob("*.template.json")
    stack = Stack("deployer", json.loads(template.read_bytes()), {})
    [boundary] = (
        document
        for document in managed_policies(Template([stack], deployed))
        if document["ManagedPolicyName"] == "onnx-lambda-boundary"
    )
    statements = boundary["PolicyDocument"]["Statement"]

    bounded = Policies(grants_of(statements, place="the boundary", principal=ANYONE))

    by_roles = [access for access in proof.recording if access.principal.startswith("arn:")]
    assert [str(a) for a in by_roles if not bounded.allow(about(ACCOUNT_ID, a))] == []
    on_buckets = [a for a in by_roles if a.need.action.startswith("s3:")]
    assert [str(a) for a in on_buckets if bounded.allow(about(ANOTHER_ACCOUNT, a))] == []


def about(account: str, access: Access) -> Access:
    """The same, with the account whose resource it is, which IAM always knows."""
    context = (*access.need.context, ("aws:ResourceAccount", account))
    return replace(access, need=replace(access.need, context=context))


def managed_policies(template: Template) -> Iterator[dict[str, Any]]:
    for policy in template.of_type("AWS::IAM::ManagedPolicy"):
        yield {"ManagedPolicyName": None, **template.properties(policy, *policy.properties)}


def test_a_role_serves_one_function_and_trusts_one_service(proof: Proof) -> None:
    roles = proof.stage.roles()
    trusted = [
        grant.resource for grant in proof.policies.allows if grant.action == "sts:AssumeRole"
    ]

    assert len({*roles.values()}) == len(roles)
    assert len({*trusted}) == len(trusted) == len(roles) + 1


def test_what_goes_beyond_is_told(proof: Proof) -> None:
    [beyond, *_] = [a for a in proof.recording if a.need.action == "s3:GetObjectVersion"]
    needless = Grant("a policy", "Allow", beyond.principal, "s3:DeleteBucket", "arn:aws:s3:::b")
    grant = next(g for g in proof.policies.allows if g.covers(beyond))
    policies = proof.policies.without(grant)

    verdict = judge(type(policies)(policies.grants | {needless}), proof.recording)

    assert beyond in verdict.missing
    assert verdict.unused == [needless]
    assert f"  {needless}" in [*report(verdict)]
