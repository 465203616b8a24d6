"""One model asked over HTTP: whether it is the right one, and predicts its golden rows."""

from __future__ import annotations

from typing import Any, Protocol

import httpx

from operations.wording import counted
from smoke.expectation import Expectation


class Asked(Protocol):
    """smoke.api.Api, or what stands in for it."""

    def get(self, path: str) -> httpx.Response: ...
    def post(self, path: str, document: Any) -> httpx.Response: ...  # noqa: ANN401 - whatever JSON holds


def check_online(api: Asked, model: Expectation) -> str:
    """What was found, in a sentence. Raises SmokeError."""
    ready = api.get(f"/v2/models/{model.name}/ready")
    described = api.get(f"/models/{model.name}").json()
    model.require_identity(described["version"], ready.headers.get("scoring-digest"))
    if model.golden is None:
        return "ready; it has no golden rows to ask for"
    answer = api.post(f"/models/{model.name}/predict", {"instances": model.golden.instances})
    model.require_identity(answer.json()["version"], answer.headers.get("scoring-digest"))
    model.require_golden(answer.json()["predictions"])
    return f"{counted(len(model.golden.instances), 'golden row')} predicted"
