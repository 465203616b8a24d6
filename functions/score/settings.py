"""What the deployment tells the score function, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from serving.deployment import Deployment, metrics_namespace, required


@dataclass(frozen=True, slots=True)
class Settings:
    """Raises ConfigurationError, naming the variable, where one is missing."""

    deployment: Deployment
    inbox_bucket: str
    results_bucket: str
    metrics_namespace: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        return cls(
            deployment=Deployment.from_env(environ),
            inbox_bucket=required(environ, "INBOX_BUCKET"),
            results_bucket=required(environ, "RESULTS_BUCKET"),
            metrics_namespace=metrics_namespace(environ),
        )
