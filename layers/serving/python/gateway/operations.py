"""The one table of everything that can be asked: functions bind it, OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.routes import Endpoint, Route


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. Operations on several paths share their `id`."""

    id: str
    method: str
    path: str
    summary: str


# What a model's predict function answers.
MODEL_OPERATIONS = (
    Operation("predict", "POST", "/models/{model}/predict", "Rows in, predictions out"),
    Operation("predict", "POST", "/predict", "Rows in, predictions out, by the default model"),
    Operation("get_model", "GET", "/models/{model}", "What a model takes and means"),
)

# What the catalog answers.
SERVICE_OPERATIONS = (
    Operation("get_models", "GET", "/models", "What is deployed"),
    Operation("get_live", "GET", "/v2/health/live", "Whether the service is up"),
    Operation("get_ready", "GET", "/v2/health/ready", "Whether it takes requests"),
)


def bind(operations: Sequence[Operation], endpoints: Mapping[str, Endpoint]) -> list[Route]:
    """The routes of a function: `endpoints` has one for each operation's id."""
    return [Route(o.method, o.path, endpoints[o.id]) for o in operations]
