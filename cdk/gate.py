"""The gate: asks a new version for its golden rows before any traffic goes to it."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Duration
from aws_cdk.aws_codedeploy import ILambdaDeploymentGroup
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import Alias, Code, Function, IVersion, Runtime
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.function_role import FunctionRole
from cdk.settings import StageSettings

SOURCE = Path(__file__).parent.parent / "functions" / "gate" / "handler.py"
MEMORY_MIB = 256
# A cold start and its golden rows, and a few pauses for an alias to spread.
TIMEOUT_S = 120


class Gate(Function):
    """No image: Lambda rejects the first call of an image that was idle for weeks, which is what
    lies between two deployments.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-images.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        candidate: Alias,
        version: IVersion,
        deployment_group: ILambdaDeploymentGroup,
    ) -> None:
        log_group = LogGroup(scope, f"{construct_id}Log", retention=stage.log_retention)
        super().__init__(
            scope,
            construct_id,
            code=Code.from_inline(SOURCE.read_text()),
            handler="index.lambda_handler",
            runtime=Runtime.PYTHON_3_14,
            memory_size=MEMORY_MIB,
            timeout=Duration.seconds(TIMEOUT_S),
            log_group=log_group,
            role=FunctionRole(
                scope,
                f"{construct_id}Role",
                log_group=log_group,
                allowed=[_may_ask(candidate), _may_decide(deployment_group)],
                # CDK would say the same again in a policy of its own.
            ).without_policy_updates(),
            environment={
                "MODEL_NAME": model.name,
                "SCORING_DIGEST": model.digest,
                "CANDIDATE": candidate.function_arn,
                "VERSION": version.version,
            },
        )


def _may_ask(candidate: Alias) -> PolicyStatement:
    """Through an alias that is there before the deployment: a permission that names the version
    would be written seconds before its use, and takes seconds to spread."""
    return PolicyStatement(actions=["lambda:InvokeFunction"], resources=[candidate.function_arn])


def _may_decide(deployment_group: ILambdaDeploymentGroup) -> PolicyStatement:
    return PolicyStatement(
        actions=["codedeploy:PutLifecycleEventHookExecutionStatus"],
        resources=[deployment_group.deployment_group_arn],
    )
