"""Every role and every policy of a stage allows what is done, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Metrics

from cdk.deployer import synthesize
from iam.access import Access, Need
from iam.grant import ANYONE, Grant, grants_of
from iam.policies import Policies
from local.assembly import ROOT, Stack
from local.names import deployed
from local.template import Template
from privileges.proof import Proof, prove
from privileges.report import report
from privileges.verdict import judge

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


def test_nothing_is_missing_and_nothing_is_unused(proof: Proof) -> None:
    verdict = proof.verdict()

    assert (verdict.missing, verdict.unused, verdict.needless) == ([], [], [])
    assert [*report(verdict)][-2:] == ["missing: 0", "unused: 0"]


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


def test_nothing_is_done_in_plain_text(proof: Proof) -> None:
    plain = (("aws:SecureTransport", "false"),)
    stored = [a for a in proof.recording if a.need.action.startswith(("s3:", "sqs:", "sns:"))]

    in_plain_text = [
        Access(a.principal, Need(a.need.action, a.need.resource, plain + a.need.context[1:]))
        for a in stored
    ]

    assert [a for a in in_plain_text if proof.policies.allow(a)] == []


def test_a_grant_names_what_it_is_about(proof: Proof) -> None:
    def leaves_open(grant: Grant) -> bool:
        return "*" in grant.action + grant.resource or "?" in grant.resource

    wide = [grant.resource for grant in proof.policies.allows if leaves_open(grant)]

    assert [r for r in wide if not LEFT_OPEN.fullmatch(r) and not ACCESS_LOG.fullmatch(r)] == []


def test_the_accounts_boundary_is_in_no_roles_way(proof: Proof, tmp_path: Path) -> None:
    [template] = synthesize(committed_context(), tmp_path / "deployer").glob("*.template.json")
    stack = Stack("deployer", json.loads(template.read_bytes()), {})
    [boundary] = (
        document
        for document in managed_policies(Template([stack], deployed))
        if document["ManagedPolicyName"] == "onnx-lambda-boundary"
    )
    statements = boundary["PolicyDocument"]["Statement"]

    bounded = Policies(grants_of(statements, place="the boundary", principal=ANYONE))

    by_roles = [access for access in proof.recording if access.principal.startswith("arn:")]
    assert [str(access) for access in by_roles if not bounded.allow(access)] == []


def committed_context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_bytes())["context"]
    return context


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
