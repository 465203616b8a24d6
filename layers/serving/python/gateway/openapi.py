"""The OpenAPI 3.1 document: the table of operations, filled in for every deployed model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contracts import contract_of_model, contract_of_service
from gateway.openapi_parts import PROBLEM, Deployed
from gateway.operations import MODEL_OPERATIONS, SERVICE_OPERATIONS, Operation
from gateway.schemas import Schema, cells_of, prediction_of, row_of

PRODUCT = "onnx-lambda"
SERVICE_TAG = "service"
PREDICT = "predict"

_INTRODUCTION = """\
Predictions over HTTPS. Rows go to `predict`, in the shapes people have them; tensors go to `infer`,
by the Open Inference Protocol, version 2. Numbers are strict: `true`, `"1.5"`, `NaN`, or 1.9 for an
integer is refused, with a pointer to it. Every error is `application/problem+json` (RFC 9457)."""

_SIGNING = {
    "iam": (
        "\n\nRequests are signed with AWS Signature Version 4, for the service `execute-api`; "
        "API Gateway answers 403 to others."
    ),
    "jwt": (
        "\n\nRequests bear a JWT: `Authorization: Bearer <token>`; API Gateway answers 401 to "
        "others."
    ),
    "none": "",
}


def openapi(catalog: Mapping[str, Any], *, version: str) -> dict[str, Any]:
    """The document for a catalog, as models.json has it; `version` is the service's own."""
    deployed = [_deployed(catalog, model) for model in catalog["models"]]
    auth = catalog["auth"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{PRODUCT} ({catalog['stage']})",
            "version": version,
            "description": _INTRODUCTION + _SIGNING[auth["kind"]],
        },
        "tags": [*map(_tag, deployed), {"name": SERVICE_TAG}],
        "paths": _paths(deployed, catalog["default_model"]),
        "components": {
            "schemas": {"problem": PROBLEM, **_schemas(deployed)},
            **_security_schemes(auth),
        },
        **({} if auth["kind"] == "none" else {"security": [{auth["kind"]: []}]}),
    }


def _deployed(catalog: Mapping[str, Any], model: Mapping[str, Any]) -> Deployed:
    return Deployed(model, catalog["examples"][model["model"]])


def _tag(deployed: Deployed) -> dict[str, str]:
    description = deployed.description
    told = [description[key] for key in ("title", "description")]
    return {"name": deployed.name, "description": "\n\n".join(filter(None, told))}


def _schemas(models: list[Deployed]) -> dict[str, Schema]:
    return {
        f"{deployed.name}-{kind}": schema(deployed.description)
        for deployed in models
        if deployed.takes_rows
        for kind, schema in (("row", row_of), ("cells", cells_of), ("prediction", prediction_of))
    }


def _paths(models: list[Deployed], default_model: str | None) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in SERVICE_OPERATIONS:
        contract = contract_of_service(operation.id)
        _add(paths, operation.path, operation, {"tags": [SERVICE_TAG], **contract})
    for deployed in models:
        for operation, path in _model_paths(deployed, default_model):
            contract = contract_of_model(operation.id, deployed)
            _add(paths, path, operation, {"tags": [deployed.name], **contract})
    return paths


def _model_paths(deployed: Deployed, default_model: str | None) -> Iterator[tuple[Operation, str]]:
    """The operations of one model on its own paths; those that name none are the default's."""
    for operation in MODEL_OPERATIONS:
        if operation.id == PREDICT and not deployed.takes_rows:
            continue
        if "{model}" in operation.path or deployed.name == default_model:
            path = operation.path.replace("{model}", deployed.name)
            yield operation, path.replace("{version}", str(deployed.description["version"]))


def _add(paths: dict[str, Any], path: str, operation: Operation, contract: dict[str, Any]) -> None:
    method = operation.method.lower()
    name = re.sub(r"[^a-z0-9]+", "_", f"{method}{path}").strip("_")
    paths.setdefault(path, {})[method] = {
        "operationId": name,
        "summary": operation.summary,
        **contract,
    }


def _security_schemes(auth: Mapping[str, Any]) -> dict[str, Any]:
    match auth["kind"]:
        case "iam":
            scheme = {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "description": "AWS Signature Version 4, service `execute-api`.",
                "x-amazon-apigateway-authtype": "awsSigv4",
            }
        case "jwt":
            audience = ", ".join(auth["audience"])
            scheme = {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": f"Issued by {auth['issuer']} for {audience}.",
            }
        case _:
            return {}
    return {"securitySchemes": {auth["kind"]: scheme}}
