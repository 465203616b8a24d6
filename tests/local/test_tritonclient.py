"""Triton's own HTTP client, as it comes, against the local cloud: the bits are onnxruntime's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from local.assembly import ROOT
from local.cloud import Cloud
from local.port import Port
from tests import graphs

GRAPHS = {
    "classifier": graphs.classifier(),
    "linear": graphs.linear(30),
    "sale": graphs.sale(),
}
PROTOCOL = ROOT / "docs" / "protocol.md"
ROWS = 40
RANDOM = np.random.default_rng(5)
FEEDS: dict[str, dict[str, np.ndarray[Any, Any]]] = {
    "linear": {"X": RANDOM.standard_normal((ROWS, 30)).astype(np.float32)},
    "sale": {
        "area": RANDOM.random((ROWS, 1)).astype(np.float32),
        "rooms": RANDOM.integers(-(2**62), 2**62, (ROWS, 1)),
        "kind": np.array([[f'{row}: "é😀"'] for row in range(ROWS)], object),
    },
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    models = tmp_path_factory.mktemp("models")
    for name, graph in GRAPHS.items():
        graphs.save(graph, models / name / "1")
    with Cloud(models, api_port=Port(0, "PORT"), aws_port=Port(0, "AWS_PORT")) as cloud:
        yield cloud


@pytest.fixture
def client(cloud: Cloud) -> Iterator[InferenceServerClient]:
    client = InferenceServerClient(cloud.api_url.removeprefix("http://"), network_timeout=60)
    yield client
    client.close()


def inputs_of(feeds: dict[str, np.ndarray[Any, Any]], *, binary: bool) -> list[InferInput]:
    inputs = []
    for name, values in feeds.items():
        tensor = InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
        tensor.set_data_from_numpy(values, binary_data=binary)
        inputs.append(tensor)
    return inputs


def bare_run(model: str) -> dict[str, np.ndarray[Any, Any]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(GRAPHS[model].SerializeToString(), options)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, FEEDS[model]), strict=True))


def bits(values: np.ndarray[Any, Any]) -> object:
    """Strings come back as UTF-8."""
    if values.dtype.kind != "O":
        return values.dtype, values.shape, values.tobytes()
    return values.shape, [v.encode() if isinstance(v, str) else v for v in values.ravel()]


def test_the_server_and_its_models_are_alive_and_ready(client: InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("linear")
    assert client.is_model_ready("linear", "1")
    assert not client.is_model_ready("linear", "2")


def test_metadata_is_read(client: InferenceServerClient) -> None:
    assert client.get_model_metadata("sale", "1") == {
        "name": "sale",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [
            {"name": "area", "datatype": "FP32", "shape": [-1, 1]},
            {"name": "rooms", "datatype": "INT64", "shape": [-1, 1]},
            {"name": "kind", "datatype": "BYTES", "shape": [-1, 1]},
        ],
        "outputs": [
            {"name": "price", "datatype": "FP32", "shape": [-1, 1]},
            {"name": "kind_out", "datatype": "BYTES", "shape": [-1, 1]},
        ],
    }


@pytest.mark.parametrize("model", FEEDS)
@pytest.mark.parametrize("binary_in", [False, True], ids=["JSON in", "binary in"])
@pytest.mark.parametrize("binary_out", [False, True], ids=["JSON out", "binary out"])
def test_inference_has_the_bits_of_onnxruntime(
    client: InferenceServerClient, model: str, *, binary_in: bool, binary_out: bool
) -> None:
    expected = bare_run(model)
    outputs = [InferRequestedOutput(name, binary_data=binary_out) for name in expected]

    result = client.infer(
        model, inputs_of(FEEDS[model], binary=binary_in), outputs=outputs, request_id="7"
    )

    assert result.get_response()["id"] == "7"
    assert {name: bits(result.as_numpy(name)) for name in expected} == {
        name: bits(values) for name, values in expected.items()
    }


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_requests_and_answers_may_be_compressed(client: InferenceServerClient, coding: str) -> None:
    values = RANDOM.standard_normal((5000, 30)).astype(np.float32)

    result = client.infer(
        "linear",
        inputs_of({"X": values}, binary=True),
        model_version="1",
        request_compression_algorithm=coding,
        response_compression_algorithm="gzip",
    )

    assert result.as_numpy("y").shape == (5000, 1)


def test_maps_come_as_json(client: InferenceServerClient) -> None:
    rows = np.array([[3, 1]], np.float32)

    result = client.infer("classifier", inputs_of({"X": rows}, binary=True))

    assert result.as_numpy("label").tolist() == [b"no"]
    assert result.as_numpy("probabilities").tolist() == [b'{"no":3.0,"yes":1.0}']


def test_what_is_wrong_is_read_by_the_client(client: InferenceServerClient) -> None:
    rows = np.ones((1, 9), np.float64)

    with pytest.raises(InferenceServerException) as raised:
        client.infer("linear", inputs_of({"X": rows}, binary=True))

    assert raised.value.message() == "input 'X': expected FP32 [-1, 30], got FP64 [1, 9]"


def test_the_documented_way_to_sign_carries_the_same_tensors(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    [snippet] = re.findall(r"```python\n(.*?)```", PROTOCOL.read_text(), re.DOTALL)
    documented: dict[str, Any] = {}
    exec(snippet, documented)

    result = documented["infer"](cloud.api_url, "linear", inputs_of(FEEDS["linear"], binary=True))

    assert bits(result.as_numpy("y")) == bits(bare_run("linear")["y"])
