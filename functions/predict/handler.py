"""Predict: an HTTP request's rows become predictions."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.predict.settings import Settings
from gateway.api import Api
from gateway.operations import MODEL_OPERATIONS, bind
from gateway.prediction import Prediction
from serving.model import Model

settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
logger = Logger(service="predict")
logger.append_keys(model=model.name, model_version=model.version, digest=model.digest)
metrics = Metrics(namespace=settings.metrics_namespace, service="predict")
metrics.set_default_dimensions(model=model.name)

prediction = Prediction(model)
routes = bind(MODEL_OPERATIONS, {"predict": prediction.predict, "get_model": prediction.get_model})
api = Api(routes, logger=logger, metrics=metrics)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return api.answer(event)
