"""Catalog: what is deployed, whether it is up, and a clear answer to everything unknown."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import orjson

from functions.catalog.settings import Settings
from gateway.access_log import AccessLog
from gateway.api import Api
from gateway.catalog import Catalog
from gateway.operations import MODEL_OPERATIONS, SERVICE_OPERATIONS, bind
from gateway.pages.assets import page_assets
from gateway.routes import Route

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = Settings.from_env(os.environ)
assets = page_assets()
catalog = Catalog(orjson.loads(settings.catalog_file.read_bytes()), assets)
routes = [
    *bind(
        SERVICE_OPERATIONS,
        {operation.id: getattr(catalog, operation.id) for operation in SERVICE_OPERATIONS},
    ),
    Route("GET", "/docs/{asset}", assets.get_asset),
    *bind(MODEL_OPERATIONS, defaultdict(lambda: catalog.no_such_model)),
]
api = Api(routes, AccessLog("catalog", namespace=settings.metrics_namespace, dimensions={}))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.answer(event, context.aws_request_id)
