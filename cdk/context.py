"""The context of cdk.json: its stages, and which of them is meant where none is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serving.errors import ConfigurationError

ROOT = Path(__file__).parent.parent


def read_context(path: Path = ROOT / "cdk.json") -> dict[str, Any]:
    """Raises ConfigurationError where the file is no JSON, or has no context."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path.name}: expected JSON: {error}") from error
    match document:
        case {"context": dict(context)}:
            return context
    raise ConfigurationError(f'{path.name}: expected {{"context": {{"stage": …, "stages": …}}}}')
