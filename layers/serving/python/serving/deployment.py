"""Which model a function serves, as its deployment tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from serving.errors import ConfigurationError
from serving.repository import NAME

METRICS_NAMESPACE = "OnnxLambda"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version directory under the model's name and version."""

    directory: Path
    name: str
    version: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read MODEL_DIR, and MODEL_NAME and MODEL_VERSION, which default to what the directory
        `<name>/<version>` is called. Raises ConfigurationError, naming the variable."""
        directory = Path(required(environ, "MODEL_DIR"))
        name = environ.get("MODEL_NAME") or directory.resolve().parent.name
        version = environ.get("MODEL_VERSION") or directory.resolve().name
        if not NAME.fullmatch(name):
            raise ConfigurationError(f"MODEL_NAME: expected {NAME.pattern}, got {name!r}")
        if not (version.isascii() and version.isdigit()):
            raise ConfigurationError(f"MODEL_VERSION: expected a whole number, got {version!r}")
        return cls(directory, name, int(version))


def metrics_namespace(environ: Mapping[str, str]) -> str:
    """CloudWatch's namespace for everything that is measured."""
    return environ.get("POWERTOOLS_METRICS_NAMESPACE") or METRICS_NAMESPACE


def required(environ: Mapping[str, str], variable: str) -> str:
    """A variable that must be set; raises ConfigurationError where it is not, or is empty."""
    value = environ.get(variable)
    if not value:
        raise ConfigurationError(f"{variable}: expected a value in the environment, got none")
    return value
