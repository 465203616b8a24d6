"""One model asked over HTTP: whether it is the right one, and predicts its golden rows."""

from __future__ import annotations

from operations.wording import counted
from smoke.api import Api
from smoke.expectation import Expectation


def check_online(api: Api, model: Expectation) -> str:
    """What was found, in a sentence. Raises SmokeError."""
    ready = api.get(f"/v2/models/{model.name}/ready")
    described = api.get(f"/models/{model.name}")
    model.require_identity(described.field("version", object), ready.digest)
    if model.golden is None:
        return "ready; it has no golden rows to ask for"
    answer = api.post(f"/models/{model.name}/predict", {"instances": model.golden.instances})
    model.require_identity(answer.field("version", object), answer.digest)
    model.require_golden(answer.field("predictions", list))
    return f"{counted(len(model.golden.instances), 'golden row')} predicted"
