"""Inference: the Open Inference Protocol, version 2, on the graph's own tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.json_text import parse
from gateway.negotiation import media_type, shown_header
from gateway.prediction import require_model
from gateway.problem import NOT_FOUND, UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.request import Request
from gateway.response import JSON, Response, to_json
from serving.errors import InvalidTensorError, MalformedInputError, Misfit, shown
from serving.model import Model
from serving.predictions import Raw
from serving.tensor_outputs import (
    RequestedOutput,
    decode_outputs,
    describe_tensor,
    encode_outputs,
)
from serving.tensors import decode_inputs

PLATFORM = "onnxruntime_onnx"
BINARY = "application/octet-stream"
# How many bytes of a body are JSON; behind them are those of the tensors.
JSON_LENGTH = "inference-header-content-length"
MAX_DIGITS = 10


class Inference:
    """The endpoints of one model for clients of the protocol, such as Triton's and KServe's."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._headers = {"scoring-digest": model.digest}

    def get_model_metadata(self, request: Request) -> Response:
        require_version(request, self._model)
        model = self._model
        document = {
            "name": model.name,
            "versions": [str(model.version)],
            "platform": PLATFORM,
            "inputs": [describe_tensor(tensor) for tensor in model.signature.inputs],
            "outputs": [describe_tensor(tensor) for tensor in model.signature.outputs],
        }
        return Response.json(document, headers=self._headers)

    def infer(self, request: Request) -> Response:
        require_version(request, self._model)
        document, binary = _read(request)
        model = self._model
        answer = {
            "model_name": model.name,
            "model_version": str(model.version),
            **_id(document),
        }
        requested = decode_outputs(document, model.signature)
        feeds = decode_inputs(document, binary, model.signature, model.columns)
        raw = model.run(feeds, [output.tensor.name for output in requested])
        return self._response(answer, raw, requested)

    def _response(
        self,
        answer: dict[str, Any],
        raw: Mapping[str, Raw],
        requested: Sequence[RequestedOutput],
    ) -> Response:
        outputs, binary = encode_outputs(raw, requested)
        document = answer | {"outputs": outputs}
        if not any(output.binary for output in requested):
            return Response.json(document, headers=self._headers)
        text = to_json(document)
        headers = {**self._headers, JSON_LENGTH: str(len(text))}
        return Response(200, text + binary, BINARY, headers)


def require_version(request: Request, model: Model) -> None:
    """Raises ProblemError where the path names another model or version than the function's."""
    require_model(request, model)
    deployed = str(model.version)
    version = request.parameters.get("version", deployed)
    if version != deployed:
        raise ProblemError(NOT_FOUND, f"version: expected {deployed}, got {version}")


def _read(request: Request) -> tuple[dict[str, Any], memoryview]:
    """The document of a request, and the bytes behind it."""
    if not request.claims_json and media_type(request.headers["content-type"]) != BINARY:
        got = shown_header(request.headers["content-type"])
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE, f"content-type: expected {JSON} or {BINARY}, got {got}"
        )
    length = request.headers.get(JSON_LENGTH)
    if length is None:
        document, binary = request.json(), memoryview(b"")
    else:
        content = request.content()
        end = _json_length(length, len(content))
        document, binary = parse(content[:end]), memoryview(content)[end:]
    if isinstance(document, dict):
        return document, binary
    misfit = Misfit("", 'an object with "inputs"', shown(document))
    raise InvalidTensorError("the body", [misfit])


def _json_length(text: str, size: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < MAX_DIGITS and int(text) <= size:
        return int(text)
    raise MalformedInputError(
        f"{JSON_LENGTH}: expected a number of bytes up to the body's {size}, got {shown(text)}"
    )


def _id(document: dict[str, Any]) -> dict[str, str]:
    """What the answer says of the request's id: nothing where it has none."""
    if "id" not in document:
        return {}
    if isinstance(document["id"], str):
        return {"id": document["id"]}
    raise InvalidTensorError("id", [Misfit("/id", "a string", shown(document["id"]))])
