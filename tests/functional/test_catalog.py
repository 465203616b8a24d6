"""Catalog, from API Gateway's event to its answer: what is deployed, and what is not there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate

from serving import ENGINE_VERSION
from serving.description import describe
from serving.errors import ConfigurationError
from tests import graphs
from tests.conftest import LoadModel
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, parsed, to
from tests.functional.runtime import Runtime

IRISES = """
live = 1
title = "Irises & <b>more</b>"
[features]
width = { kind = "number", minimum = 2 }
length = { kind = "number" }
"""
GOLDEN = {"instances": [[1, 2]], "predictions": [{"total": 3.0}]}


@pytest.fixture
def document(load_model: LoadModel) -> dict[str, Any]:
    """models.json, as synthesis writes it."""
    housing = describe(load_model(graphs.total(), name="housing"))
    irises = describe(load_model(graphs.total(), card=IRISES, name="irises"))
    written: dict[str, Any] = orjson.loads(
        orjson.dumps(
            {
                "stage": "dev",
                "auth": {"kind": "iam"},
                "default_model": None,
                "models": [housing, irises],
                "examples": {"housing": GOLDEN, "irises": None},
            }
        )
    )
    return written


@pytest.fixture
def catalog_file(tmp_path: Path, document: dict[str, Any]) -> Path:
    path = tmp_path / "models.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def catalog(import_handler: ImportHandler, catalog_file: Path) -> Handler:
    return import_handler(
        "catalog", CATALOG_FILE=str(catalog_file), POWERTOOLS_METRICS_NAMESPACE="Tests"
    )


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("catalog")


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
        (
            "/v2",
            {
                "name": "onnx-lambda",
                "version": ENGINE_VERSION,
                "extensions": ["binary_tensor_data", "model_repository"],
            },
        ),
    ],
)
def test_clients_of_the_protocol_find_the_server(
    catalog: Handler, event: dict[str, Any], path: str, answered: object
) -> None:
    answer = catalog(to(event, "GET", path))

    assert (answer["statusCode"], parsed(answer)) == (200, answered)
    assert answer["headers"] == {"content-type": "application/json"}


def test_models_are_listed_as_they_describe_themselves(
    catalog: Handler, event: dict[str, Any], document: dict[str, Any]
) -> None:
    answer = catalog(to(event, "GET", "/models"))

    assert (answer["statusCode"], parsed(answer)) == (
        200,
        {key: document[key] for key in ("stage", "default_model", "models")},
    )


@pytest.mark.parametrize("body", ["", '{"ready": true}'])
def test_every_model_in_the_repository_is_ready(
    catalog: Handler, event: dict[str, Any], body: str
) -> None:
    answer = catalog(to(event, "POST", "/v2/repository/index") | {"body": body})

    assert json.loads(answer["body"]) == [
        {"name": "housing", "version": "1", "state": "READY", "reason": ""},
        {"name": "irises", "version": "1", "state": "READY", "reason": ""},
    ]


def test_the_openapi_document_is_valid(catalog: Handler, event: dict[str, Any]) -> None:
    without_gzip = event | {"headers": {}}

    answer = catalog(to(without_gzip, "GET", "/openapi.json"))

    validate(parsed(answer))
    assert answer["headers"] == {"content-type": "application/json"}


def test_the_front_page_has_a_signed_command_for_each_model(
    catalog: Handler, event: dict[str, Any]
) -> None:
    answer = catalog(to(event | {"headers": HTTPS}, "GET", "/"))

    commands = re.findall(r"<pre><code>(.*?)</code></pre>", answer["body"], re.DOTALL)
    assert list(map(unescape, commands)) == [
        signed_command("housing", '{"instances": [[1, 2]]}'),
        signed_command("irises", '{"instances": [{"width": 2, "length": 1}]}'),
    ]


HTTPS = {"host": "api.example", "x-forwarded-proto": "https"}


def signed_command(model: str, body: str) -> str:
    return (
        f"curl https://api.example/models/{model}/predict \\\n"
        '  --aws-sigv4 "aws:amz:$AWS_REGION:execute-api"'
        ' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\\n'
        '  -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def test_a_host_that_is_no_host_stays_text(catalog: Handler, event: dict[str, Any]) -> None:
    hostile = event | {"headers": {"host": "x</code><script>alert(1)</script>; $(reboot)"}}

    answer = catalog(to(hostile, "GET", "/"))

    assert "<script>" not in answer["body"]
    assert "$(reboot)" not in answer["body"]


def test_what_a_card_says_is_text_on_a_page(catalog: Handler, event: dict[str, Any]) -> None:
    answer = catalog(to(event, "GET", "/"))

    assert "<h2>Irises &amp; &lt;b&gt;more&lt;/b&gt;</h2>" in answer["body"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_loads_nothing_from_elsewhere_and_is_framed_by_nobody(
    catalog: Handler, event: dict[str, Any], path: str
) -> None:
    answer = catalog(to(event, "GET", path))

    assert answer["headers"] == {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": (
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        ),
        "cache-control": "no-cache",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_what_a_page_loads_is_there(catalog: Handler, event: dict[str, Any], path: str) -> None:
    page = catalog(to(event, "GET", path))["body"]
    loaded = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page)

    answers = [catalog(to(event, "GET", asset)) for asset in loaded]

    assert len(loaded) >= 2
    assert [answer["statusCode"] for answer in answers] == [200] * len(loaded)


def test_an_asset_that_is_gone_is_answered_with_those_there_are(
    catalog: Handler, event: dict[str, Any]
) -> None:
    answer = catalog(to(event, "GET", "/docs/page.000000000000.css"))

    problem = assert_is_problem(answer, 404, "not-found")
    assert problem["detail"].startswith("asset: expected one of copy.")


@pytest.mark.parametrize(
    ("request_line", "slug", "detail"),
    [
        ("GET /models/iris", "not-found", "model: expected one of housing, irises, got iris"),
        (
            "POST /models/iris/predict",
            "not-found",
            "model: expected one of housing, irises, got iris",
        ),
        (
            "GET /v2/models/iris/versions/1/ready",
            "not-found",
            "model: expected one of housing, irises, got iris",
        ),
        (
            "POST /predict",
            "not-found",
            "model: expected one of housing, irises, got a default model",
        ),
        (
            "GET /favicon.ico",
            "not-found",
            (
                "/favicon.ico: expected one of /, /docs, /docs/{asset}, /models, /models/{model}, "
                "/models/{model}/predict, /openapi.json, /predict, /v2, /v2/health/live, "
                "/v2/health/ready, /v2/models/{model}, /v2/models/{model}/infer, "
                "/v2/models/{model}/ready, /v2/models/{model}/versions/{version}, "
                "/v2/models/{model}/versions/{version}/infer, "
                "/v2/models/{model}/versions/{version}/ready, /v2/repository/index"
            ),
        ),
        ("POST /models", "method-not-allowed", "/models: expected GET, HEAD, got POST"),
        ("GET /predict", "method-not-allowed", "/predict: expected POST, got GET"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    catalog: Handler, event: dict[str, Any], request_line: str, slug: str, detail: str
) -> None:
    method, path = request_line.split()

    answer = catalog(to(event, method, path))

    status = {"not-found": 404, "method-not-allowed": 405}[slug]
    problem = assert_is_problem(answer, status, slug)
    assert (problem["detail"], problem["instance"]) == (detail, path)


def test_without_its_file_it_does_not_start(import_handler: ImportHandler) -> None:
    with pytest.raises(ConfigurationError) as raised:
        import_handler("catalog", CATALOG_FILE="")

    assert str(raised.value) == "CATALOG_FILE: expected a value in the environment, got none"


def test_a_request_leaves_one_line(catalog: Handler, event: dict[str, Any]) -> None:
    catalog(event | {"rawQueryString": "a secret", "body": "a secret"})

    [line] = catalog.lines
    assert {key: line[key] for key in ("service", "http_method", "http_path", "http_status")} == {
        "service": "catalog",
        "http_method": "GET",
        "http_path": "/models",
        "http_status": 200,
    }
    assert line["Requests"] == 1
    assert "a secret" not in catalog.log


def test_it_needs_neither_numpy_nor_onnxruntime(catalog_file: Path) -> None:
    program = (
        "import sys, functions.catalog.handler; "
        "print(sorted({'numpy', 'onnxruntime', 'onnx', 'pydantic', 'django'} & {*sys.modules}))"
    )

    process = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path), "CATALOG_FILE": str(catalog_file)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert process.stdout == "[]\n"


def test_the_runtime_answers_what_the_handler_answers(
    catalog: Handler, catalog_file: Path, event: dict[str, Any]
) -> None:
    events = [event, to(event, "GET", "/\ud800"), event | {"body": "\ud800"}, {}, event]

    with Runtime("catalog", CATALOG_FILE=str(catalog_file)) as runtime:
        answers = [runtime(event) for event in events]

    assert [answer["statusCode"] for answer in answers] == [200, 404, 200, 200, 200]
    assert answers == [catalog(event) for event in events]
