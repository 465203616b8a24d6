"""Predict: an HTTP request's rows become predictions."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from functions.predict.settings import Settings
from gateway.access_log import AccessLog
from gateway.api import Api
from gateway.inference import Inference
from gateway.marshaller import use_orjson
from gateway.operations import MODEL_OPERATIONS, bind
from gateway.prediction import Prediction
from gateway.readiness import Readiness
from serving.model import Model

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Parsed JSON is many lists without a cycle, and a collection looks at every number in them.
gc.set_threshold(10_000)
use_orjson()
settings = Settings.from_env(os.environ)
model = Model.load(settings.deployment)
log = AccessLog(
    "predict",
    namespace=settings.metrics_namespace,
    dimensions={"model": model.name},
    model_version=model.version,
    digest=model.digest,
    function_version=settings.function_version,
)

prediction = Prediction(model)
prediction.warm_up()
inference = Inference(model)
readiness = Readiness(model, settings.deployment.directory, log)
endpoints = {
    "predict": prediction.predict,
    "get_model": prediction.get_model,
    "get_model_metadata": inference.get_model_metadata,
    "get_model_ready": readiness.get_model_ready,
    "infer": inference.infer,
}
routes = bind(MODEL_OPERATIONS, endpoints)
api = Api(routes, log)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.answer(event, context.aws_request_id)
