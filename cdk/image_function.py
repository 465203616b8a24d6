"""A function in a container image: it may write its log, and do what it is expressly allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, DockerImageCode, DockerImageFunction
from aws_cdk.aws_logs import ILogGroup, LogGroup
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.settings import StageSettings


class ImageFunction(DockerImageFunction):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        image: DockerImageCode,
        memory_mib: int,
        timeout_s: int,
        environment: Mapping[str, str],
        allowed: Sequence[PolicyStatement] = (),
        reserved_concurrency: int | None = None,
    ) -> None:
        log_group = LogGroup(scope, f"{construct_id}Log", retention=stage.log_retention)
        super().__init__(
            scope,
            construct_id,
            code=image,
            architecture=Architecture.X86_64,
            memory_size=memory_mib,
            timeout=Duration.seconds(timeout_s),
            reserved_concurrent_executions=reserved_concurrency,
            log_group=log_group,
            role=_role(scope, f"{construct_id}Role", [_may_log(log_group), *allowed]),
            environment={
                # Stages may share an account; their metrics must not add up.
                "POWERTOOLS_METRICS_NAMESPACE": f"OnnxLambda/{stage.name}",
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **environment,
            },
        )


def model_environment(model: DeployedModel) -> dict[str, str]:
    """What tells a function which model its image holds."""
    return {
        "MODEL_DIR": "/opt/model",
        "MODEL_NAME": model.name,
        "MODEL_VERSION": str(model.version),
    }


def _role(scope: Construct, construct_id: str, allowed: Sequence[PolicyStatement]) -> Role:
    return Role(
        scope,
        construct_id,
        assumed_by=ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Allowed": PolicyDocument(statements=allowed)},
    )


def _may_log(log_group: ILogGroup) -> PolicyStatement:
    return PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[log_group.log_group_arn],
    )
