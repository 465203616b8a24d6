"""Prediction: a request's rows become predictions."""

from __future__ import annotations

from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response
from serving.description import describe
from serving.instances import decode
from serving.model import Model
from serving.predictions import as_objects, encode


class Prediction:
    """The endpoints of one model for people: rows in the shapes that they have them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._headers = {"scoring-digest": model.digest}

    def predict(self, request: Request) -> Response:
        model = self._model
        require_model(request, model)
        instances = decode(request.json(), model.columns)
        feeds = instances.feeds(model.columns)
        outputs = model.predict(feeds, instances.rows.length)
        predictions = as_objects(encode(outputs, model.outputs))
        answer = {"model": model.name, "version": model.version, "predictions": predictions}
        return Response.json(answer, headers=self._headers)

    def get_model(self, request: Request) -> Response:
        require_model(request, self._model)
        return Response.json(describe(self._model), headers=self._headers)


def require_model(request: Request, model: Model) -> None:
    """Raises ProblemError where the path names another model than the function's."""
    name = request.parameters.get("model", model.name)
    if name != model.name:
        raise ProblemError(NOT_FOUND, f"model: expected {model.name}, got {name}")
