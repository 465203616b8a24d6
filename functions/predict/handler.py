"""Predict: an HTTP request's rows become predictions."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.predict.settings import Settings
from gateway.api import Api
from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response
from gateway.routes import Route
from serving.description import describe
from serving.instances import decode
from serving.model import Model
from serving.predictions import as_objects, encode

settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
logger = Logger(service="predict")
logger.append_keys(model=model.name, model_version=model.version, digest=model.digest)
metrics = Metrics(namespace=settings.metrics_namespace, service="predict")
metrics.set_default_dimensions(model=model.name)

HEADERS = {"scoring-digest": model.digest}


def predict(request: Request) -> Response:
    _require_this_model(request)
    instances = decode(request.json(), model.columns)
    feeds = instances.feeds(model.columns)
    outputs = model.predict(feeds, instances.rows.length)
    predictions = as_objects(encode(outputs, model.outputs))
    answer = {"model": model.name, "version": model.version, "predictions": predictions}
    return Response.json(answer, headers=HEADERS)


def get_model(request: Request) -> Response:
    _require_this_model(request)
    return Response.json(describe(model), headers=HEADERS)


def _require_this_model(request: Request) -> None:
    name = request.parameters.get("model", model.name)
    if name != model.name:
        raise ProblemError(NOT_FOUND, f"model: expected {model.name}, got {name}")


api = Api(
    [
        Route("POST", "/models/{model}/predict", predict),
        Route("POST", "/predict", predict),
        Route("GET", "/models/{model}", get_model),
    ],
    logger=logger,
    metrics=metrics,
)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return api.answer(event)
