"""The one table of everything that can be asked: functions bind it, OpenAPI is written from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway.routes import Endpoint, Route


class Operation(NamedTuple):
    """One method on one path. Operations on several paths share their `id`."""

    id: str
    method: str
    path: str
    summary: str


def _on_model(name: str, method: str, end: str, summary: str) -> list[Operation]:
    """An operation of the Open Inference Protocol, on a model and on a version of it."""
    path = "/v2/models/{model}"
    return [
        Operation(name, method, f"{path}{end}", summary),
        Operation(name, method, f"{path}/versions/{{version}}{end}", summary),
    ]


# What a model's predict function answers.
MODEL_OPERATIONS = (
    Operation("predict", "POST", "/models/{model}/predict", "Rows in, predictions out"),
    Operation("predict", "POST", "/predict", "Rows in, predictions out, by the default model"),
    Operation("get_model", "GET", "/models/{model}", "What a model takes and means"),
    *_on_model("get_model_metadata", "GET", "", "The tensors of a model's graph"),
    *_on_model("get_model_ready", "GET", "/ready", "Whether a model takes requests"),
    *_on_model("infer", "POST", "/infer", "Tensors in, tensors out"),
)

# What the catalog answers.
SERVICE_OPERATIONS = (
    Operation("get_home", "GET", "/", "What is deployed, as a page"),
    Operation("get_docs", "GET", "/docs", "All operations, as a page to read and try them"),
    Operation("get_openapi", "GET", "/openapi.json", "All operations, as OpenAPI"),
    Operation("get_models", "GET", "/models", "What is deployed"),
    Operation("get_server", "GET", "/v2", "What the server is"),
    Operation("get_live", "GET", "/v2/health/live", "Whether the service is up"),
    Operation("get_ready", "GET", "/v2/health/ready", "Whether it takes requests"),
    Operation("index_repository", "POST", "/v2/repository/index", "Every model and its state"),
)


def bind(operations: Sequence[Operation], endpoints: Mapping[str, Endpoint]) -> list[Route]:
    """The routes of a function: `endpoints` has one for each operation's id."""
    return [Route(o.method, o.path, endpoints[o.id]) for o in operations]
