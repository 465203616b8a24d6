"""Predict: an HTTP request's rows become predictions."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.predict.settings import Settings
from gateway.api import Api
from gateway.inference import Inference
from gateway.marshaller import use_orjson
from gateway.operations import MODEL_OPERATIONS, bind
from gateway.prediction import Prediction
from serving.model import Model

use_orjson()
settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
logger = Logger(service="predict")
logger.append_keys(model=model.name, model_version=model.version, digest=model.digest)
metrics = Metrics(namespace=settings.metrics_namespace, service="predict")
metrics.set_default_dimensions(model=model.name)

prediction = Prediction(model)
prediction.warm_up()
inference = Inference(model)
endpoints = {
    "predict": prediction.predict,
    "get_model": prediction.get_model,
    "get_model_metadata": inference.get_model_metadata,
    "get_model_ready": inference.get_model_ready,
    "infer": inference.infer,
}
routes = bind(MODEL_OPERATIONS, endpoints)
api = Api(routes, logger=logger, metrics=metrics)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.answer(event, context.aws_request_id)
