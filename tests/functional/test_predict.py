"""Predict, from API Gateway's event to its answer: golden rows, any graph, one line of log."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto

from tests import graphs
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, parsed, to, with_body
from tests.functional.golden import FEATURES, PREDICTIONS, ROWS

Serve = Callable[[onnx.ModelProto], Handler]


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("predict")


def test_a_row_is_answered_by_its_golden_prediction(
    predict: Handler, event: dict[str, Any]
) -> None:
    answer = predict(event)

    assert answer == {
        "statusCode": 200,
        "headers": {
            "content-type": "application/json",
            "scoring-digest": predict.module.model.digest,
        },
        "body": '{"model":"housing","version":1,"predictions":[{"price":97576.12}]}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize(
    "document",
    [
        {"instances": ROWS},
        {"instances": [list(row.values()) for row in ROWS]},
        ROWS,
        [list(row.values()) for row in ROWS],
        {name: {str(i): row[name] for i, row in enumerate(ROWS)} for name in FEATURES},
    ],
    ids=["objects", "arrays", "bare objects", "bare arrays", "columns"],
)
def test_every_shape_gives_the_golden_predictions(
    predict: Handler, event: dict[str, Any], document: object
) -> None:
    answer = predict(with_body(event, document))

    assert parsed(answer) == {
        "model": "housing",
        "version": 1,
        "predictions": PREDICTIONS,
    }


@pytest.mark.parametrize(("row", "golden"), list(zip(ROWS, PREDICTIONS, strict=True)))
def test_a_row_alone_is_answered_as_among_others(
    predict: Handler, event: dict[str, Any], row: dict[str, Any], golden: dict[str, float]
) -> None:
    answer = predict(with_body(event, [row]))

    assert parsed(answer)["predictions"] == [golden]


def test_the_default_models_path_predicts_too(predict: Handler, load_event: LoadEvent) -> None:
    answer = predict(load_event("predict_default_model"))

    assert parsed(answer)["predictions"] == PREDICTIONS[:1]


def test_a_body_may_come_in_base64(predict: Handler, event: dict[str, Any]) -> None:
    body = base64.b64encode(event["body"].encode()).decode()

    answer = predict(event | {"body": body, "isBase64Encoded": True})

    assert parsed(answer)["predictions"] == PREDICTIONS[:1]


def test_the_model_is_described_at_its_path(predict: Handler, event: dict[str, Any]) -> None:
    description = parsed(predict(to(event, "GET", "/models/housing")))

    assert (description["model"], description["version"]) == ("housing", 1)
    assert [feature["name"] for feature in description["features"]] == FEATURES


@pytest.mark.parametrize(
    ("request_line", "slug", "detail"),
    [
        (
            "GET /models/housing/predict",
            "method-not-allowed",
            "/models/housing/predict: expected POST, got GET",
        ),
        (
            "POST /models/housing",
            "method-not-allowed",
            "/models/housing: expected GET, HEAD, got POST",
        ),
        (
            "POST /models/housing/infer",
            "not-found",
            (
                "/models/housing/infer: expected one of "
                "/models/{model}, /models/{model}/predict, /predict, /v2/models/{model}, "
                "/v2/models/{model}/infer, /v2/models/{model}/ready, "
                "/v2/models/{model}/versions/{version}, "
                "/v2/models/{model}/versions/{version}/infer, "
                "/v2/models/{model}/versions/{version}/ready"
            ),
        ),
        ("POST /models/hausing/predict", "not-found", "model: expected housing, got hausing"),
        ("GET /models/hausing", "not-found", "model: expected housing, got hausing"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    predict: Handler, event: dict[str, Any], request_line: str, slug: str, detail: str
) -> None:
    method, path = request_line.split()

    answer = predict(to(event, method, path))

    status = {"not-found": 404, "method-not-allowed": 405}[slug]
    problem = assert_is_problem(answer, status, slug)
    assert (problem["detail"], problem["instance"]) == (detail, path)


def test_an_empty_event_is_answered(predict: Handler) -> None:
    assert predict({})["statusCode"] == 404


def test_a_request_leaves_one_line_with_model_digest_and_metrics(
    predict: Handler, event: dict[str, Any]
) -> None:
    predict(event)
    predict(event)

    assert len(predict.lines) == 2
    for line in predict.lines:
        assert {
            key: line[key]
            for key in ("level", "service", "model", "model_version", "digest", "http_method")
        } == {
            "level": "INFO",
            "service": "predict",
            "model": "housing",
            "model_version": 1,
            "digest": predict.module.model.digest,
            "http_method": "POST",
        }
        assert line["http_path"] == "/models/housing/predict"
        assert line["http_status"] == 200
        [metrics] = line["_aws"]["CloudWatchMetrics"]
        assert metrics["Namespace"] == "Tests"
        assert sorted(metrics["Dimensions"][0]) == ["model", "service"]
        assert [metric["Name"] for metric in metrics["Metrics"]] == [
            "Requests",
            "Latency",
            "ClientErrors",
            "ServerErrors",
        ]


@pytest.fixture
def serve(import_handler: ImportHandler, tmp_path: Path) -> Serve:
    """Serves a directory that holds only a graph, as the model `example`."""

    def serve(graph: onnx.ModelProto) -> Handler:
        directory = graphs.save(graph, tmp_path / "models" / "example" / "1")
        return import_handler("predict", MODEL_DIR=str(directory))

    return serve


@pytest.fixture
def default_event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("predict_default_model")


@pytest.mark.parametrize(
    ("graph", "rows", "predictions"),
    [
        (graphs.total(), [[1, 2], [3, 4.5]], [{"total": 3.0}, {"total": 7.5}]),
        (graphs.total(), [{"X_0": 1, "X_1": 2}], [{"total": 3.0}]),
        (graphs.parser(), ["1.5", "nan"], [{"number": 1.5}, {"number": None}]),
        (
            graphs.classifier(),
            [[3, 1], [1, 3]],
            [
                {"label": "no", "probabilities": {"no": 3.0, "yes": 1.0}},
                {"label": "yes", "probabilities": {"no": 1.0, "yes": 3.0}},
            ],
        ),
        (
            graphs.identity(TensorProto.FLOAT, (1, 2)),
            [[1, 2], [3, 4]],
            [{"y": [1, 2]}, {"y": [3, 4]}],
        ),
        (graphs.identity(TensorProto.BOOL), [True, False], [{"y": True}, {"y": False}]),
        (graphs.identity(TensorProto.STRING), ["é", "\x00"], [{"y": "é"}, {"y": "\x00"}]),
        (graphs.identity(TensorProto.UINT64), [2**64 - 1], [{"y": 2**64 - 1}]),
        (graphs.identity(TensorProto.INT64), [-(2**63), 1.0], [{"y": -(2**63)}, {"y": 1}]),
        (graphs.identity(TensorProto.FLOAT16), [0.1], [{"y": 0.099975586}]),
    ],
)
def test_a_directory_that_holds_only_a_graph_serves(
    serve: Serve,
    default_event: dict[str, Any],
    graph: onnx.ModelProto,
    rows: list[object],
    predictions: list[object],
) -> None:
    predict = serve(graph)

    answer = predict(with_body(default_event, {"instances": rows}))

    assert parsed(answer) == {"model": "example", "version": 1, "predictions": predictions}


def test_a_model_that_fails_on_what_its_card_allows_is_a_422_and_fails_alone(
    serve: Serve, default_event: dict[str, Any]
) -> None:
    predict = serve(graphs.parser())

    failed = predict(with_body(default_event, ["1", "a secret"]))
    answered = predict(with_body(default_event, ["2"]))

    problem = assert_is_problem(failed, 422, "unpredictable")
    assert problem["errors"] == [
        {"pointer": "/1", "expected": "a row that the model can predict", "got": "one it fails on"}
    ]
    assert parsed(answered)["predictions"] == [{"number": 2.0}]
    assert "secret" not in failed["body"] + predict.log


def test_an_answer_that_lambda_would_lose_is_a_413(
    serve: Serve, default_event: dict[str, Any]
) -> None:
    predict = serve(graphs.identity(TensorProto.STRING))

    answer = predict(with_body(default_event, ['"' * 70] * 40_000) | {"headers": {}})

    # within the function's payload, where each quote in a JSON string takes four characters
    head, row = r"{\"model\":\"example\",\"version\":1,\"predictions\":[]}", r"{\"y\":\"\"},"
    size = len(head) + 40_000 * (len(row) + 70 * 4) - 1
    problem = assert_is_problem(answer, 413, "answer-too-large")
    assert problem["detail"] == (
        f"the answer: expected at most 6290000 bytes, got {size}; "
        "send fewer rows at a time, or a file for batch scoring"
    )


def test_a_graph_without_a_batch_axis_is_a_422(serve: Serve, default_event: dict[str, Any]) -> None:
    predict = serve(graphs.identity(TensorProto.FLOAT, (2, 1)))

    answer = predict(with_body(default_event, [1.5]))

    problem = assert_is_problem(answer, 422, "invalid-input")
    assert problem["detail"] == (
        "model example: expected inputs with a common batch axis, got [[2, 1]]; it takes no rows, "
        "but tensors, by infer"
    )
