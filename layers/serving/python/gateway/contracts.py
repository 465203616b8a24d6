"""What each operation takes and answers, as OpenAPI says it, by the operation's id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.infer_contract import infer_contract, metadata_contract
from gateway.openapi_parts import TEXT, Deployed, answer, problems
from gateway.predict_contract import predict_contract
from gateway.schemas import Schema, array_of, closed_object

Contract = dict[str, Any]


def contract_of_model(operation_id: str, deployed: Deployed) -> Contract:
    return _OF_A_MODEL[operation_id](deployed)


def contract_of_service(operation_id: str) -> Contract:
    return _OF_THE_SERVICE[operation_id]


def _gives(schema: Schema, description: str, *, example: object = None) -> Contract:
    return {"responses": {"200": answer(schema, description, example=example)}}


def _is_page(description: str) -> Contract:
    content = {"text/html": {"schema": TEXT}}
    return {"responses": {"200": {"description": description, "content": content}}}


_SAID: dict[str, Schema] = {
    "model": TEXT,
    "version": {"type": "integer"},
    "digest": TEXT,
    "takes_rows": {"type": "boolean"},
    "features": array_of({"type": "object"}),
    "outputs": array_of({"type": "object"}),
    "signature": {"type": "object"},
}
# Cards say what they will: a description is open.
_DESCRIPTION: Schema = {"type": "object", "properties": _SAID, "required": [*_SAID]}
_MODELS = closed_object(
    {
        "stage": TEXT,
        "default_model": {"type": ["string", "null"]},
        "models": array_of(_DESCRIPTION),
    }
)
_SERVER = closed_object({"name": TEXT, "version": TEXT, "extensions": array_of(TEXT)})
_INDEXED = closed_object({"name": TEXT, "version": TEXT, "state": TEXT, "reason": TEXT})
_LIVE = closed_object({"live": {"const": True}})
_READY = closed_object({"ready": {"const": True}})


def _description_contract(deployed: Deployed) -> Contract:
    return _gives(_DESCRIPTION, "Card, signature and version", example=dict(deployed.description))


def _ready_contract(deployed: Deployed) -> Contract:
    schema = closed_object({"name": {"const": deployed.name}, "ready": {"const": True}})
    ready = answer(schema, "The model takes requests, and predicts its golden rows")
    return {"responses": {"200": ready, **problems(503)}}


_OF_A_MODEL: Mapping[str, Callable[[Deployed], Contract]] = {
    "predict": predict_contract,
    "get_model": _description_contract,
    "get_model_metadata": metadata_contract,
    "get_model_ready": _ready_contract,
    "infer": infer_contract,
}

_OF_THE_SERVICE: Mapping[str, Contract] = {
    "get_home": _is_page("What is deployed, and a command for each model"),
    "get_docs": _is_page("A viewer of this document"),
    "get_openapi": _gives({"type": "object"}, "This document"),
    "get_models": _gives(_MODELS, "Every model, as its own path describes it"),
    "get_server": _gives(_SERVER, "The server and the extensions it knows"),
    "get_live": _gives(_LIVE, "The service is up"),
    "get_ready": _gives(_READY, "The service takes requests"),
    "index_repository": _gives(array_of(_INDEXED), "Every model and its state"),
}
