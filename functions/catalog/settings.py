"""What the deployment tells the catalog function, read from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from serving.deployment import metrics_namespace, required


@dataclass(frozen=True, slots=True)
class Settings:
    """Raises ConfigurationError, naming the variable, where one is missing."""

    catalog_file: Path
    metrics_namespace: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        return cls(Path(required(environ, "CATALOG_FILE")), metrics_namespace(environ))
