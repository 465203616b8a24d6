"""What the deployment tells the predict function, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

from serving.deployment import Deployment, metrics_namespace


class Settings(NamedTuple):
    """Raises ConfigurationError, naming the variable, where one is missing.

    `function_version` is Lambda's number of what is deployed, not the model's.
    """

    deployment: Deployment
    metrics_namespace: str
    function_version: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        return cls(
            Deployment.from_env(environ),
            metrics_namespace(environ),
            environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        )
