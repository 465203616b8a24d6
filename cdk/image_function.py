"""A function in a container image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import (
    Alias,
    Architecture,
    DockerImageCode,
    DockerImageFunction,
    VersionOptions,
)
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.function_role import FunctionRole
from cdk.settings import Processor, StageSettings

# The alias that callers and queues reach: what is behind it changes version by version.
LIVE = "live"
ARCHITECTURES: Mapping[Processor, Architecture] = {
    "x86_64": Architecture.X86_64,
    "arm64": Architecture.ARM_64,
}


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
            architecture=ARCHITECTURES[stage.processor],
            memory_size=memory_mib,
            timeout=Duration.seconds(timeout_s),
            reserved_concurrent_executions=reserved_concurrency,
            log_group=log_group,
            role=FunctionRole(scope, f"{construct_id}Role", log_group=log_group, allowed=allowed),
            # What served before can serve again at once.
            current_version_options=VersionOptions(removal_policy=RemovalPolicy.RETAIN),
            environment={
                "POWERTOOLS_METRICS_NAMESPACE": stage.metrics_namespace,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                **environment,
            },
        )

    def published(self, *, provisioned_concurrency: int | None = None) -> Alias:
        """The alias `live`, at the version that the image and the settings make."""
        return Alias(
            self,
            "Live",
            alias_name=LIVE,
            version=self.current_version,
            provisioned_concurrent_executions=provisioned_concurrency,
        )


def model_environment(model: DeployedModel) -> dict[str, str]:
    """What tells a function which model its image holds."""
    return {
        "MODEL_DIR": "/opt/model",
        "MODEL_NAME": model.name,
        "MODEL_VERSION": str(model.version),
    }
