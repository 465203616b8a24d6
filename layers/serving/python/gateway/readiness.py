"""Readiness: whether a version predicts its golden rows, as health checks ask it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from gateway.access_log import AccessLog
from gateway.inference import require_version
from gateway.problem import NOT_READY, ProblemError
from gateway.request import Request
from gateway.response import Response
from serving.errors import GoldenError
from serving.model import Model


class Readiness:
    """Who asks first waits for the golden rows: no cold start does. The answer never changes."""

    def __init__(self, model: Model, version_directory: Path, log: AccessLog) -> None:
        self._model = model
        self._version_directory = version_directory
        self._log = log

    def get_model_ready(self, request: Request) -> Response:
        require_version(request, self._model)
        name = self._model.name
        if not self._is_ready:
            raise ProblemError(NOT_READY, f"{name}: its golden rows get other predictions")
        headers = {"scoring-digest": self._model.digest}
        return Response.json({"name": name, "ready": True}, headers=headers)

    @cached_property
    def _is_ready(self) -> bool:
        from serving.golden import require_golden  # noqa: PLC0415 - no cold start imports it

        try:
            require_golden(self._model, self._version_directory)
        except GoldenError as error:
            self._log.unready(error)
            return False
        return True
