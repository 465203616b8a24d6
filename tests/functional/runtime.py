"""A handler under the official runtime, which has its own ways to fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from local.environment import Configuration, Environment

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "serving" / "python"
TIMEOUT_S = 30


class Runtime:
    """One process of functions.<function>.handler with these variables."""

    def __init__(self, function: str, **environ: str) -> None:
        self._environment = Environment(
            Configuration(
                handler=f"functions.{function}.handler.lambda_handler",
                directory=ROOT,
                python_path=(LAYER,),
                variables=environ,
                timeout_s=TIMEOUT_S,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._environment.close()

    def __call__(self, event: object) -> dict[str, Any]:
        self._environment.wait_until_idle()
        answer: dict[str, Any] = json.loads(self._environment.invoke(json.dumps(event).encode()))
        return answer
