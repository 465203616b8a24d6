"""Prediction: a request's rows become predictions."""

from __future__ import annotations

from contextlib import suppress

import orjson

from gateway.answers import Answers
from gateway.bodies import read_instances
from gateway.content_encoding import accepts_gzip
from gateway.example import example_row
from gateway.failing_row import require_each_row
from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import JSON, Response
from serving.description import describe
from serving.errors import ModelError, ServingError
from serving.model import Model
from serving.signature import ANY


class Prediction:
    """The endpoints of one model for people: rows in the shapes that they have them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._answers = Answers(model)
        self._headers = {"scoring-digest": model.digest}

    def warm_up(self) -> None:
        """Answer a made-up row, so that no caller waits for what is only done the first time.

        A model that cannot predict it says so to no one: a real row may be another matter. Nor is
        one made up whose extents nobody knows: graphs of open extents may end the process on some.
        """
        if any(ANY in column.shape for column in self._model.columns):
            return
        body = orjson.dumps([example_row(describe(self._model))]).decode()
        with suppress(ServingError, ProblemError):
            self.predict(Request(method="POST", body=body))

    def predict(self, request: Request) -> Response:
        model = self._model
        require_model(request, model)
        model.require_rows()
        media_type = self._answers.negotiate(request.headers.get("accept", JSON))
        instances = read_instances(request, model.columns)
        rows = instances.rows.length
        compressed = accepts_gzip(request.headers.get("accept-encoding", ""))
        self._answers.require_room(media_type, rows, compressed=compressed)
        feeds = instances.feeds(model.columns)
        try:
            return self._answers.respond(media_type, model.predict(feeds, rows))
        except ModelError:
            require_each_row(model, instances, feeds)
            raise

    def get_model(self, request: Request) -> Response:
        require_model(request, self._model)
        return Response.json(describe(self._model), headers=self._headers)


def require_model(request: Request, model: Model) -> None:
    """Raises ProblemError where the path names another model than the function's."""
    name = request.parameters.get("model", model.name)
    if name != model.name:
        raise ProblemError(NOT_FOUND, f"model: expected {model.name}, got {name}")
