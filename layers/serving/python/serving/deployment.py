"""Which model a function serves, as its deployment tells it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

from serving.errors import ConfigurationError
from serving.repository import NAME

METRICS_NAMESPACE = "OnnxLambda"


class Deployment(NamedTuple):
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
        return cls(directory, name, _whole(version, "MODEL_VERSION"))


def metrics_namespace(environ: Mapping[str, str]) -> str:
    """CloudWatch's namespace for everything that is measured."""
    return environ.get("POWERTOOLS_METRICS_NAMESPACE") or METRICS_NAMESPACE


def required(environ: Mapping[str, str], variable: str) -> str:
    """A variable that must be set; raises ConfigurationError where it is not, or is empty."""
    value = environ.get(variable)
    if not value:
        raise ConfigurationError(f"{variable}: expected a value in the environment, got none")
    return value


def required_number(environ: Mapping[str, str], variable: str) -> int:
    """Likewise, of a variable that counts something."""
    return _whole(required(environ, variable), variable)


def _whole(text: str, variable: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ConfigurationError(f"{variable}: expected a whole number, got {text!r}")
    return int(text)
