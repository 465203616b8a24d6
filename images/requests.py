"""What the online functions are asked: events as API Gateway sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from images.recipe import ROOT, Recipe
from serving.golden import read_golden

Json = dict[str, Any]

EVENTS = ROOT / "events"
OK = 200


class Requests:
    """An exchange, as images.answers has it; nothing of it is kept."""

    def __init__(self, recipe: Recipe) -> None:
        self._events = dict(_events(recipe))

    def variables(self, side: str) -> Mapping[str, str]:  # noqa: ARG002 - as in Exchange
        return {}

    def answers(self, ask: Callable[[Json], Json], side: str) -> Json:  # noqa: ARG002 - likewise
        return {name: ask(event) for name, event in self._events.items()}

    def faults(self, answers: Mapping[str, Any]) -> Iterator[str]:
        for name, answer in answers.items():
            if answer.get("statusCode") != OK:
                yield f"{name}: expected {OK}, got {answer}"


def _events(recipe: Recipe) -> Iterator[tuple[str, Json]]:
    if recipe.model is None:
        for path in ("/", "/docs", "/openapi.json", "/models", "/v2/health/ready"):
            yield _request("catalog", "GET", path)
        return
    yield _request("predict", "GET", f"/v2/models/{recipe.model}/ready")
    if rows := golden_rows(recipe):
        body = orjson.dumps({"instances": rows}).decode()
        yield _request("predict", "POST", f"/models/{recipe.model}/predict", body=body)


def golden_rows(recipe: Recipe) -> list[Any]:
    """Empty where the version promises none."""
    golden = read_golden(recipe.contexts["model"])
    return [] if golden is None else golden.instances


def _request(name: str, method: str, path: str, **changes: str) -> tuple[str, Json]:
    event: Json = orjson.loads((EVENTS / f"{name}.json").read_bytes())
    # Which library compresses, and how well, is not what is compared.
    headers = {key: value for key, value in event["headers"].items() if key != "accept-encoding"}
    context = event["requestContext"] | {"http": {"method": method, "path": path}}
    request = {"rawPath": path, "headers": headers, "requestContext": context, **changes}
    return f"{method} {path}", event | request
