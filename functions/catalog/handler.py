"""Catalog: what is deployed, whether it is up, and a clear answer to everything unknown."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

import orjson
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.catalog.settings import Settings
from gateway.api import Api
from gateway.operations import MODEL_OPERATIONS, SERVICE_OPERATIONS, bind
from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response

settings = Settings.from_env(os.environ)
catalog: dict[str, Any] = orjson.loads(settings.catalog_file.read_bytes())
names = ", ".join(model["name"] for model in catalog["models"])


def get_models(_: Request) -> Response:
    return Response.json(catalog)


def get_live(_: Request) -> Response:
    return Response.json({"live": True})


def get_ready(_: Request) -> Response:
    return Response.json({"ready": True})


def no_such_model(request: Request) -> Response:
    """API Gateway sends here only what no deployed model's routes take."""
    name = request.parameters.get("model", "a default model")
    raise ProblemError(NOT_FOUND, f"model: expected one of {names}, got {name}")


routes = [
    *bind(
        SERVICE_OPERATIONS, {"get_models": get_models, "get_live": get_live, "get_ready": get_ready}
    ),
    *bind(MODEL_OPERATIONS, defaultdict(lambda: no_such_model)),
]
api = Api(
    routes,
    logger=Logger(service="catalog"),
    metrics=Metrics(namespace=settings.metrics_namespace, service="catalog"),
)


def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    return api.answer(event)
