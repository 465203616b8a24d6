"""The Open Inference Protocol on one model: metadata, readiness, and tensors in and out."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
import orjson
import pytest
from onnx import TensorProto

from gateway.inference import Inference
from gateway.problem import NOT_FOUND, UNSUPPORTED_MEDIA_TYPE, ProblemError
from gateway.request import Request
from gateway.response import Response
from serving.errors import InvalidTensorError, MalformedInputError, ModelError
from tests import graphs
from tests.conftest import LoadModel

X = {"name": "X", "shape": [2, 2], "datatype": "FP32"}
TOTAL = {"name": "total", "datatype": "FP32", "shape": [2, 1]}


@pytest.fixture
def inference(load_model: LoadModel) -> Inference:
    return Inference(load_model(graphs.total(), name="adder"))


def request(document: object, binary: bytes = b"", **headers: str) -> Request:
    """Header names are written with underscores."""
    body = orjson.dumps(document)
    return with_content(body + binary, inference_header_content_length=str(len(body)), **headers)


def with_content(content: bytes, **headers: str) -> Request:
    return Request(
        method="POST",
        body=b64encode(content).decode(),
        body_is_base64=True,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def parsed(response: Response) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(response.body)
    return document


def test_metadata_is_the_graphs_own(load_model: LoadModel) -> None:
    inference = Inference(load_model(graphs.classifier(), name="voter"))

    assert parsed(inference.get_model_metadata(Request())) == {
        "name": "voter",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 2]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probabilities", "datatype": "BYTES", "shape": [-1]},
        ],
    }


@pytest.mark.parametrize("endpoint", ["get_model_metadata", "infer"])
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"model": "housing"}, "model: expected adder, got housing"),
        ({"model": "adder", "version": "2"}, "version: expected 1, got 2"),
        ({"model": "adder", "version": "01"}, "version: expected 1, got 01"),
    ],
)
def test_another_model_or_version_is_not_found_and_the_one_there_is_named(
    inference: Inference, endpoint: str, parameters: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ProblemError) as raised:
        getattr(inference, endpoint)(Request(parameters=parameters))

    assert (raised.value.problem, str(raised.value)) == (NOT_FOUND, sentence)


def test_tensors_in_json_are_answered_in_json(inference: Inference) -> None:
    document = {"id": "a-1", "inputs": [{**X, "data": [1, 2, 3, 4.5]}]}

    response = inference.infer(with_content(orjson.dumps(document)))

    assert response.content_type == "application/json"
    assert list(response.headers) == ["scoring-digest"]
    assert parsed(response) == {
        "model_name": "adder",
        "model_version": "1",
        "id": "a-1",
        "outputs": [{**TOTAL, "data": [3.0, 7.5]}],
    }


def test_an_answer_has_no_id_where_the_request_has_none(inference: Inference) -> None:
    response = inference.infer(with_content(orjson.dumps({"inputs": [{**X, "data": [1] * 4}]})))

    assert list(parsed(response)) == ["model_name", "model_version", "outputs"]


def test_tensors_in_binary_are_answered_in_binary_where_asked(inference: Inference) -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    document = {
        "inputs": [{**X, "parameters": {"binary_data_size": rows.nbytes}}],
        "parameters": {"binary_data_output": True},
    }

    response = inference.infer(
        request(document, rows.tobytes(), content_type="application/octet-stream")
    )

    assert response.content_type == "application/octet-stream"
    end = int(response.headers["inference-header-content-length"])
    assert orjson.loads(response.content[:end]) == {
        "model_name": "adder",
        "model_version": "1",
        "outputs": [{**TOTAL, "parameters": {"binary_data_size": 8}}],
    }
    assert np.frombuffer(response.content[end:], np.float32).tolist() == [3.0, 7.0]


def test_tensors_in_binary_are_answered_in_json_unless_asked(inference: Inference) -> None:
    rows = np.array([[1, 2], [3, 4]], np.float32)
    document = {"inputs": [{**X, "parameters": {"binary_data_size": rows.nbytes}}]}

    response = inference.infer(request(document, rows.tobytes()))

    assert parsed(response)["outputs"] == [{**TOTAL, "data": [3.0, 7.0]}]


@pytest.mark.parametrize("length", ["", "-1", "1e2", "999999", "9" * 5000, "٣", "12 "])
def test_a_lying_length_of_the_json_is_malformed(inference: Inference, length: str) -> None:
    content = orjson.dumps({"inputs": [{**X, "data": [1] * 4}]})

    with pytest.raises(MalformedInputError, match=r"^inference-header-content-length: expected "):
        inference.infer(with_content(content, inference_header_content_length=length))


@pytest.mark.parametrize("content_type", ["text/csv", "image/png", "multipart/form-data"])
def test_another_content_type_is_refused(inference: Inference, content_type: str) -> None:
    with pytest.raises(ProblemError) as raised:
        inference.infer(with_content(b"{}", content_type=content_type))

    assert raised.value.problem is UNSUPPORTED_MEDIA_TYPE
    assert str(raised.value) == (
        f"content-type: expected application/json or application/octet-stream, got {content_type!r}"
    )


@pytest.mark.parametrize(
    ("document", "sentence", "pointer"),
    [
        ([], 'the body: expected an object with "inputs", got an array of 0', ""),
        ({}, "inputs: expected an array of objects, got nothing", "/inputs"),
        ({"id": 5, "inputs": []}, "id: expected a string, got 5", "/id"),
        (
            {"inputs": [{**X, "datatype": "FP64", "shape": [1, 9]}]},
            "input 'X': expected FP32 [-1, 2], got FP64 [1, 9]",
            "/inputs/0",
        ),
    ],
)
def test_a_request_that_does_not_fit_is_told_where(
    inference: Inference, document: object, sentence: str, pointer: str
) -> None:
    with pytest.raises(InvalidTensorError) as raised:
        inference.infer(with_content(orjson.dumps(document)))

    [misfit] = raised.value.misfits
    assert (str(raised.value), misfit.pointer) == (sentence, pointer)


def test_maps_and_labels_are_strings(load_model: LoadModel) -> None:
    inference = Inference(load_model(graphs.classifier()))
    document = {"inputs": [{**X, "data": [3, 1, 1, 3]}], "outputs": [{"name": "probabilities"}]}

    response = inference.infer(with_content(orjson.dumps(document)))

    assert parsed(response)["outputs"] == [
        {
            "name": "probabilities",
            "datatype": "BYTES",
            "shape": [2],
            "data": ['{"no":3.0,"yes":1.0}', '{"no":1.0,"yes":3.0}'],
        }
    ]


def test_outputs_that_the_card_hides_are_there(load_model: LoadModel) -> None:
    card = """
        live = 1
        [features]
        a = { kind = "number" }
        b = { kind = "number" }
        [outputs]
        answer = { tensor = "label" }
    """
    inference = Inference(load_model(graphs.classifier(), card=card))

    response = inference.infer(with_content(orjson.dumps({"inputs": [{**X, "data": [1] * 4}]})))

    assert [output["name"] for output in parsed(response)["outputs"]] == ["label", "probabilities"]


def test_a_graph_that_fails_is_the_models_error(load_model: LoadModel) -> None:
    inference = Inference(load_model(graphs.parser()))
    tensor = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["one"]}

    with pytest.raises(ModelError):
        inference.infer(with_content(orjson.dumps({"inputs": [tensor]})))


def test_a_graph_fixed_to_one_row_answers_for_each(load_model: LoadModel) -> None:
    inference = Inference(load_model(graphs.identity(TensorProto.INT64, (1, 2))))
    tensor = {"name": "x", "shape": [3, 2], "datatype": "INT64", "data": [1, 2, 3, 4, 5, 6]}

    response = inference.infer(with_content(orjson.dumps({"inputs": [tensor]})))

    assert parsed(response)["outputs"] == [{**tensor, "name": "y"}]
