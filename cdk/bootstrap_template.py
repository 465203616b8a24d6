"""The template of CDK's bootstrap, narrowed to this product's stacks.

cdk bootstrap --show-template --json | python -m cdk.bootstrap_template
"""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from typing import Any

from cdk.app import PRODUCT
from serving.errors import ConfigurationError

Json = dict[str, Any]

DEPLOY, LOOKUP = "DeploymentActionRole", "LookupRole"
# What each role may, as the pinned command line's template has it: names of managed policies, and
# of statements.
KNOWN = {
    DEPLOY: [
        "AWSCloudFormationReadOnlyAccess",
        "DeployPermissions",
        "PipelineCrossAccountArtifactsBucket",
        "PipelineCrossAccountArtifactsKey",
        "iam:PassRole",
        "CliPermissions",
        "CliStagingBucket",
        "ReadVersion",
        "Refactor",
    ],
    LOOKUP: ["ReadOnlyAccess", "DontReadSecrets"],
}
IDENTITIES = {
    DEPLOY,
    LOOKUP,
    "CdkBoostrapPermissionsBoundaryPolicy",
    "CloudFormationExecutionRole",
    "FilePublishingRole",
    "FilePublishingRoleDefaultPolicy",
    "ImagePublishingRole",
    "ImagePublishingRoleDefaultPolicy",
}
# What changes and deletes stacks, of all that an account has.
OF_STACKS = {"DeployPermissions", "CliPermissions"}
# Pipelines across accounts, and moving resources between stacks.
UNUSED = {"PipelineCrossAccountArtifactsBucket", "PipelineCrossAccountArtifactsKey", "Refactor"}
STACKS = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack"


def main() -> None:
    try:
        json.dump(narrow(json.load(sys.stdin)), sys.stdout, indent=1)
    except ConfigurationError as error:
        sys.exit(str(error))


def narrow(template: Json) -> Json:
    """Raises ConfigurationError where the template is another than the one that was looked at."""
    narrowed = deepcopy(template)
    resources = narrowed["Resources"]
    identities = {name for name, r in resources.items() if r["Type"].startswith("AWS::IAM::")}
    _require("roles and policies", IDENTITIES, identities)
    for name, known in KNOWN.items():
        _require(name, known, _outline(resources[name]))
    _narrow_deploy_role(resources[DEPLOY])
    _narrow_lookup_role(resources[LOOKUP], resources[DEPLOY])
    # The command line does not replace one variant by another: a plain `cdk bootstrap` keeps out.
    narrowed["Parameters"]["BootstrapVariant"]["Default"] = PRODUCT
    return narrowed


def _narrow_deploy_role(role: Json) -> None:
    document = _document(role)
    document["Statement"] = [s for s in document["Statement"] if s.get("Sid") not in UNUSED]
    for statement in document["Statement"]:
        if statement.get("Sid") in OF_STACKS:
            statement["Resource"] = {"Fn::Sub": f"{STACKS}/{PRODUCT}-*"}


def _narrow_lookup_role(role: Json, deploy: Json) -> None:
    """Who deploys by hand is shown what changes: for that it reads templates, and nothing else."""
    role["Properties"]["ManagedPolicyArns"] = deploy["Properties"]["ManagedPolicyArns"]
    [version] = [s for s in _document(deploy)["Statement"] if s.get("Sid") == "ReadVersion"]
    _document(role)["Statement"].append(version)


def _document(role: Json) -> Json:
    [policy] = role["Properties"]["Policies"]
    document: Json = policy["PolicyDocument"]
    return document


def _outline(role: Json) -> list[str]:
    managed = [arn["Fn::Sub"].rpartition("/")[2] for arn in role["Properties"]["ManagedPolicyArns"]]
    return managed + [s.get("Sid", s["Action"]) for s in _document(role)["Statement"]]


def _require(what: str, expected: list[str] | set[str], got: list[str] | set[str]) -> None:
    if got != expected:
        raise ConfigurationError(
            f"CDK's bootstrap template, {what}: expected {', '.join(sorted(expected))}, got "
            f"{', '.join(sorted(got))}; look at it and teach it to cdk/bootstrap_template.py"
        )


if __name__ == "__main__":
    main()
