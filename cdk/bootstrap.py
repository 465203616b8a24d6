"""CDK's bootstrap as this product has it: one of its own, beside whatever else an account has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from aws_cdk import Stack

# What the command line does in the name of a deployment, each in a role of its own. It looks
# nothing up where nobody is asked to approve.
ROLES = ("deploy", "file-publishing", "image-publishing")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """`qualifier` is in the names of all that it consists of; `boundary` is the name of the policy
    that bounds every role of the product."""

    qualifier: str
    boundary: str

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        return cls(
            qualifier=context["@aws-cdk/core:bootstrapQualifier"],
            boundary=context["@aws-cdk/core:permissionsBoundary"]["name"],
        )

    def role_arns(self, stack: Stack) -> list[str]:
        """Of what the command line needs, in the stack's account and region."""
        here = f"{stack.account}-{stack.region}"
        return [
            f"arn:{stack.partition}:iam::{stack.account}:role/cdk-{self.qualifier}-{role}-role-{here}"
            for role in ROLES
        ]

    def boundary_arn(self, stack: Stack) -> str:
        return f"arn:{stack.partition}:iam::{stack.account}:policy/{self.boundary}"

    def images_arn(self, stack: Stack) -> str:
        """Of the repository that images are pushed to; no tag in it ever moves."""
        name = f"cdk-{self.qualifier}-container-assets-{stack.account}-{stack.region}"
        return f"arn:{stack.partition}:ecr:{stack.region}:{stack.account}:repository/{name}"

    def version_arn(self, stack: Stack) -> str:
        name = f"cdk-bootstrap/{self.qualifier}/version"
        return f"arn:{stack.partition}:ssm:{stack.region}:{stack.account}:parameter/{name}"
