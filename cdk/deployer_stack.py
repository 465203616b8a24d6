"""What a deployment may do, what its functions may at most, and who may start one."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import BootstraplessSynthesizer, CfnOutput, RemovalPolicy, Stack
from aws_cdk.aws_iam import CfnOIDCProvider, PermissionsBoundary
from constructs import Construct

from cdk.bootstrap import Bootstrap
from cdk.deploy_role import AUDIENCE, ISSUER, DeployRole
from cdk.execution_policy import ExecutionPolicy
from cdk.github import GitHub
from cdk.role_boundary import RoleBoundary
from cdk.settings import StageSettings


class DeployerStack(Stack):
    """Its name begins otherwise than those of the stages' stacks: no deployment reaches it.

    `github` None: no workflow may deploy.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bootstrap: Bootstrap,
        stages: Sequence[StageSettings],
        github: GitHub | None,
    ) -> None:
        # It comes before the bootstrap, which needs its policy.
        super().__init__(scope, construct_id, synthesizer=BootstraplessSynthesizer())
        # The boundary is for the product's roles, and would leave these nothing.
        PermissionsBoundary.of(self).clear()
        RoleBoundary(self, "Boundary", name=bootstrap.boundary, stages=stages)
        execution = ExecutionPolicy(self, "Execution", bootstrap=bootstrap)
        CfnOutput(self, "Environment", value=f"aws://{self.account}/{self.region}")
        CfnOutput(self, "ExecutionPolicy", value=execution.managed_policy_arn)
        if github is not None:
            provider_arn = self._provider_arn(github)
            for stage in stages:
                role = DeployRole(
                    self,
                    f"Deploy-{stage.name}",
                    stage=stage,
                    bootstrap=bootstrap,
                    repository=github.repository,
                    provider_arn=provider_arn,
                )
                CfnOutput(self, f"DeployRole-{stage.name}", value=role.role_arn)

    def _provider_arn(self, github: GitHub) -> str:
        """An account has one provider for an issuer, whoever uses it; so it outlives the stack."""
        if github.provider == "existing":
            return f"arn:{self.partition}:iam::{self.account}:oidc-provider/{ISSUER}"
        provider = CfnOIDCProvider(
            self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE]
        )
        provider.apply_removal_policy(RemovalPolicy.RETAIN)
        return provider.attr_arn
