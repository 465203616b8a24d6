"""Inference, from API Gateway's event to its answer: the golden rows as tensors."""

from __future__ import annotations

import base64
import gzip
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import orjson
import pytest

from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, content, parsed, to, with_body
from tests.functional.golden import FEATURES, HOUSING, PREDICTIONS, ROWS

INFER = "/v2/models/housing/infer"
PRICES = [prediction["price"] for prediction in PREDICTIONS]
TEXTS = {name for name, cell in ROWS[0].items() if isinstance(cell, str)}


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return to(load_event("predict"), "POST", INFER)


def tensors(rows: list[dict[str, Any]] = ROWS) -> list[dict[str, Any]]:
    """The golden rows in JSON, one input for each feature."""
    return [
        {
            "name": name,
            "shape": [len(rows), 1],
            "datatype": "BYTES" if name in TEXTS else "FP32",
            "data": [row[name] for row in rows],
        }
        for name in FEATURES
    ]


def in_base64(event: dict[str, Any], body: bytes, **headers: str) -> dict[str, Any]:
    """Header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return event | {
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        "headers": event["headers"] | named,
    }


def in_binary(event: dict[str, Any], **document: object) -> dict[str, Any]:
    """The golden rows behind the JSON."""
    inputs = tensors()
    data = [_bytes(tensor.pop("data"), tensor["datatype"]) for tensor in inputs]
    for tensor, elements in zip(inputs, data, strict=True):
        tensor["parameters"] = {"binary_data_size": len(elements)}
    head = orjson.dumps({"inputs": inputs, **document})
    return in_base64(
        event,
        head + b"".join(data),
        content_type="application/octet-stream",
        Inference_Header_Content_Length=str(len(head)),
    )


def _bytes(cells: list[Any], datatype: str) -> bytes:
    if datatype == "FP32":
        return np.array(cells, np.float32).tobytes()
    return b"".join(len(cell).to_bytes(4, "little") + cell.encode() for cell in cells)


def bare_run() -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(HOUSING / "model.onnx")
    feeds = {
        name: np.array([[row[name]] for row in ROWS], object if name in TEXTS else np.float32)
        for name in FEATURES
    }
    [prices] = session.run(None, feeds)
    array: np.ndarray[Any, Any] = prices
    return array


@pytest.mark.parametrize("path", [INFER, "/v2/models/housing/versions/1/infer"])
def test_tensors_in_json_get_the_golden_predictions(
    predict: Handler, event: dict[str, Any], path: str
) -> None:
    document = {"id": "a", "inputs": tensors()}

    answer = predict(with_body(to(event, "POST", path), document))

    assert answer["statusCode"] == 200
    assert answer["headers"]["scoring-digest"] == predict.module.model.digest
    assert parsed(answer) == {
        "model_name": "housing",
        "model_version": "1",
        "id": "a",
        "outputs": [{"name": "price", "datatype": "FP32", "shape": [len(ROWS), 1], "data": PRICES}],
    }


def test_tensors_in_binary_get_the_bits_of_a_bare_session(
    predict: Handler, event: dict[str, Any]
) -> None:
    answer = predict(in_binary(event, parameters={"binary_data_output": True}))

    assert answer["isBase64Encoded"]
    assert answer["headers"]["content-type"] == "application/octet-stream"
    body = base64.b64decode(answer["body"])
    end = int(answer["headers"]["inference-header-content-length"])
    [output] = orjson.loads(body[:end])["outputs"]
    prices = bare_run()
    assert output == {
        "name": "price",
        "datatype": "FP32",
        "shape": list(prices.shape),
        "parameters": {"binary_data_size": prices.nbytes},
    }
    assert body[end:] == prices.tobytes()


def test_a_lone_row_has_the_bits_of_a_bare_session_too(
    predict: Handler, event: dict[str, Any]
) -> None:
    session = onnxruntime.InferenceSession(HOUSING / "model.onnx")
    feeds = {
        name: np.array([[ROWS[0][name]]], object if name in TEXTS else np.float32)
        for name in FEATURES
    }

    answer = predict(with_body(event, {"inputs": tensors(ROWS[:1])}))

    [[[expected]]] = session.run(None, feeds)
    [price] = parsed(answer)["outputs"][0]["data"]
    assert np.float32(price) == expected


@pytest.mark.parametrize(
    ("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_body_may_come_compressed(
    predict: Handler,
    event: dict[str, Any],
    coding: str,
    compress: Any,  # noqa: ANN401 - either module's
) -> None:
    body = compress(orjson.dumps({"inputs": tensors()}))

    answer = predict(in_base64(event, body, content_encoding=coding))

    assert parsed(answer)["outputs"][0]["data"] == PRICES


def test_a_long_answer_goes_compressed_where_asked(predict: Handler, event: dict[str, Any]) -> None:
    many = ROWS * (4000 // len(ROWS))
    asking = with_body(event, {"inputs": tensors(many)})
    plain = asking | {"headers": {}}

    answers = [predict(asking), predict(plain)]

    assert [answer["headers"].get("content-encoding") for answer in answers] == ["gzip", None]
    assert content(answers[0]) == content(answers[1])
    assert len(answers[0]["body"]) < len(answers[1]["body"])


def test_a_tensor_that_does_not_fit_is_a_422_that_points_at_it(
    predict: Handler, event: dict[str, Any]
) -> None:
    inputs = tensors()
    inputs[1] |= {"datatype": "FP64", "shape": [1, 9]}

    problem = assert_is_problem(
        predict(with_body(event, {"inputs": inputs})), 422, "invalid-tensor"
    )

    assert problem["detail"] == "input 'bedrooms': expected FP32 [-1, 1], got FP64 [1, 9]"
    assert problem["errors"] == [
        {"pointer": "/inputs/1", "expected": "FP32 [-1, 1]", "got": "FP64 [1, 9]"}
    ]


def test_wrong_elements_are_a_422_that_points_at_each(
    predict: Handler, event: dict[str, Any]
) -> None:
    inputs = tensors(ROWS[:2])
    inputs[0]["data"] = [999, 20_001]

    problem = assert_is_problem(
        predict(with_body(event, {"inputs": inputs})), 422, "invalid-tensor"
    )

    assert problem["detail"] == (
        "input 'lotsize', element 0: expected at least 1000, got 999.0 (and 1 more)"
    )
    assert problem["errors"] == [
        {"pointer": "/inputs/0/data/0", "expected": "at least 1000", "got": "999.0"},
        {"pointer": "/inputs/0/data/1", "expected": "at most 20000", "got": "20001.0"},
    ]


@pytest.mark.parametrize(
    ("headers", "body", "problem"),
    [
        ({"content_type": "text/csv"}, b"{}", (415, "unsupported-media-type")),
        ({"content_encoding": "br"}, b"{}", (415, "unsupported-media-type")),
        ({"content_encoding": "gzip"}, b"{}", (400, "malformed")),
        (
            {"content_encoding": "gzip"},
            gzip.compress(bytes(30_000_000), mtime=0),
            (413, "too-large"),
        ),
        ({"inference_header_content_length": "3"}, b"{}", (400, "malformed")),
        ({}, b'{"a":1,"a":2}', (400, "malformed")),
        ({}, b"[" * 1_000_000, (413, "too-large")),
        ({}, b"[" + b"1," * 2_000_000 + b"1]", (413, "too-large")),
        ({}, b"[]", (422, "invalid-tensor")),
        ({}, b'{"inputs": [{"name": "lotsize"}]}', (422, "invalid-tensor")),
    ],
)
def test_whatever_comes_is_answered_and_costs_only_itself(
    predict: Handler,
    event: dict[str, Any],
    headers: dict[str, str],
    body: bytes,
    problem: tuple[int, str],
) -> None:
    assert_is_problem(predict(in_base64(event, body, **headers)), *problem)

    assert parsed(predict(in_binary(event)))["outputs"][0]["data"] == PRICES


@pytest.mark.parametrize("path", ["/v2/models/housing", "/v2/models/housing/versions/1"])
def test_a_model_and_its_version_describe_themselves_and_are_ready(
    predict: Handler, event: dict[str, Any], path: str
) -> None:
    metadata = parsed(predict(to(event, "GET", path)))
    ready = predict(to(event, "GET", f"{path}/ready"))

    assert (metadata["name"], metadata["versions"]) == ("housing", ["1"])
    assert [tensor["name"] for tensor in metadata["inputs"]] == FEATURES
    assert (ready["statusCode"], parsed(ready)) == (200, {"name": "housing", "ready": True})


def test_a_version_that_breaks_its_promise_is_not_ready_and_the_log_says_why(
    import_handler: ImportHandler, event: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(HOUSING.parent, tmp_path / "housing")
    golden = {"instances": ROWS[:1], "predictions": [{"price": 1.0}]}
    (tmp_path / "housing" / "1" / "golden.json").write_bytes(orjson.dumps(golden))
    predict = import_handler("predict", MODEL_DIR=str(tmp_path / "housing" / "1"))

    ready = predict(to(event, "GET", "/v2/models/housing/ready"))

    problem = assert_is_problem(ready, 503, "not-ready")
    assert problem["detail"] == "housing: its golden rows get other predictions"
    reason = f"row 0, price: expected 1.0, got {PRICES[0]}"
    assert reason in predict.lines[0]["reason"]


@pytest.mark.parametrize("end", ["", "/ready", "/infer"])
def test_another_version_is_a_404_that_names_the_one_there_is(
    predict: Handler, event: dict[str, Any], end: str
) -> None:
    method = "POST" if end == "/infer" else "GET"

    answer = predict(to(event, method, f"/v2/models/housing/versions/2{end}"))

    problem = assert_is_problem(answer, 404, "not-found")
    assert problem["detail"] == "version: expected 1, got 2"
