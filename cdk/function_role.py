"""What a function may do: write its log, and what it is expressly allowed."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct


class FunctionRole(Role):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        log_group: ILogGroup,
        allowed: Sequence[PolicyStatement] = (),
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Allowed": PolicyDocument(statements=[_may_log(log_group), *allowed])},
        )


def _may_log(log_group: ILogGroup) -> PolicyStatement:
    return PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[log_group.log_group_arn],
    )
