"""What GitHub's workflows deploy a stage as: no keys, and no more than this product."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, WebIdentityPrincipal
from constructs import Construct

from cdk.app import PRODUCT
from cdk.bootstrap import Bootstrap
from cdk.settings import StageSettings

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
# As long as the job may take: nothing renews it.
SESSION_HOURS = 2
# Below each model's name, in both buckets.
SMOKE = "*/smoke/*"
# What the smoke test asks for.
ASKED = ("GET/v2/health/ready", "GET/v2/models/*", "GET/models/*", "POST/models/*/predict")


class DeployRole(Role):
    """For a job of the repository that runs in GitHub's environment of the stage's name, whose
    rules (branches, reviewers) are so the rules of who may deploy.

    What it deploys it does through the bootstrap's roles; what it may do itself is to ask whether
    the stage works.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        bootstrap: Bootstrap,
        repository: str,
        provider_arn: str,
    ) -> None:
        stack = Stack.of(scope)
        subject = f"repo:{repository}:environment:{stage.name}"
        claims = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}
        deploy = PolicyStatement(actions=["sts:AssumeRole"], resources=bootstrap.role_arns(stack))
        super().__init__(
            scope,
            construct_id,
            assumed_by=WebIdentityPrincipal(provider_arn, {"StringEquals": claims}),
            max_session_duration=Duration.hours(SESSION_HOURS),
            inline_policies={
                "Deploy": PolicyDocument(statements=[deploy]),
                "Smoke": PolicyDocument(statements=_smoke(stack, stage)),
            },
        )


def _smoke(stack: Stack, stage: StageSettings) -> list[PolicyStatement]:
    here = f"{stack.region}:{stack.account}"
    # API Gateway names an API when it makes it, and its access knows no tags.
    api = f"arn:{stack.partition}:execute-api:{here}:*/$default"
    buckets = f"arn:{stack.partition}:s3:::{PRODUCT}-{stage.name}-data"
    inbox = f"{buckets}-inbox*"
    if stage.inbox_bucket is not None:
        inbox = f"arn:{stack.partition}:s3:::{stage.inbox_bucket}"
    stacks = f"arn:{stack.partition}:cloudformation:{here}:stack/{PRODUCT}-{stage.name}-*"
    return [
        PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[stacks]),
        PolicyStatement(
            actions=["execute-api:Invoke"], resources=[f"{api}/{request}" for request in ASKED]
        ),
        PolicyStatement(
            actions=["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
            resources=[f"{inbox}/{SMOKE}"],
        ),
        PolicyStatement(
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion"],
            resources=[f"{buckets}-results*/{SMOKE}"],
        ),
        # Without it, what is not there yet would look forbidden.
        PolicyStatement(actions=["s3:ListBucket"], resources=[f"{buckets}-results*"]),
    ]
