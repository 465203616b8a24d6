"""What the deployment tells the score function, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from serving.deployment import Deployment, metrics_namespace, required, required_number


@dataclass(frozen=True, slots=True)
class Settings:
    """Raises ConfigurationError, naming the variable, where one is missing.

    Files of more than `split_bytes` are scored as spans of about `part_bytes`, side by side.
    """

    deployment: Deployment
    inbox_bucket: str
    results_bucket: str
    queue_arn: str
    split_bytes: int
    part_bytes: int
    metrics_namespace: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        return cls(
            deployment=Deployment.from_env(environ),
            inbox_bucket=required(environ, "INBOX_BUCKET"),
            results_bucket=required(environ, "RESULTS_BUCKET"),
            queue_arn=required(environ, "QUEUE_ARN"),
            split_bytes=required_number(environ, "SPLIT_BYTES"),
            part_bytes=required_number(environ, "PART_BYTES"),
            metrics_namespace=metrics_namespace(environ),
        )
