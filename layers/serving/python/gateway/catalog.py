"""The catalog: what is deployed, for people and for clients, and a clear answer to the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.openapi import PRODUCT, openapi
from gateway.pages.assets import Assets
from gateway.pages.home import home
from gateway.pages.page import page
from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import JSON, Response
from serving import ENGINE_VERSION

HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
EXTENSIONS = ["binary_tensor_data", "model_repository"]


class Catalog:
    """The service's own endpoints, over models.json as synthesis writes it."""

    def __init__(self, document: Mapping[str, Any], assets: Assets) -> None:
        self._document = document
        self._assets = assets
        self._title = f"{PRODUCT} ({document['stage']})"
        # It changes only with what is deployed.
        self._openapi = orjson.dumps(openapi(document, version=ENGINE_VERSION)).decode()

    def get_home(self, request: Request) -> Response:
        return page(
            self._title,
            home(self._document, _base_url(request)),
            styles=[self._assets.url("page.css")],
            scripts=[self._assets.url("copy.js")],
        )

    def get_docs(self, _: Request) -> Response:
        return page(
            f"{self._title}: operations",
            '<div id="viewer"></div>',
            styles=[self._assets.url("swagger-ui.css")],
            scripts=[self._assets.url("swagger-ui-bundle.js"), self._assets.url("viewer.js")],
        )

    def get_openapi(self, _: Request) -> Response:
        return Response(200, self._openapi, JSON)

    def get_models(self, _: Request) -> Response:
        shown = ("stage", "default_model", "models")
        return Response.json({key: self._document[key] for key in shown})

    def get_server(self, _: Request) -> Response:
        return Response.json({"name": PRODUCT, "version": ENGINE_VERSION, "extensions": EXTENSIONS})

    def get_live(self, _: Request) -> Response:
        return Response.json({"live": True})

    def get_ready(self, _: Request) -> Response:
        return Response.json({"ready": True})

    def index_repository(self, _: Request) -> Response:
        """A model that is deployed is ready, so that a wish for ready ones only changes nothing."""
        return Response.json([_indexed(model) for model in self._document["models"]])

    def no_such_model(self, request: Request) -> Response:
        """API Gateway sends here only what no deployed model's routes take."""
        names = ", ".join(model["model"] for model in self._document["models"])
        name = request.parameters.get("model", "a default model")
        raise ProblemError(NOT_FOUND, f"model: expected one of {names}, got {name}")


def _indexed(model: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": model["model"],
        "version": str(model["version"]),
        "state": "READY",
        "reason": "",
    }


def _base_url(request: Request) -> str:
    """Where the caller found the service, as far as it can be pasted into a shell."""
    scheme = "https" if request.headers.get("x-forwarded-proto") == "https" else "http"
    host = request.headers.get("host", "")
    return f"{scheme}://{host if HOST.fullmatch(host) else 'localhost'}"
