"""Catalog, from API Gateway's event to its answer: what is deployed, and what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serving.errors import ConfigurationError
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, to
from tests.functional.runtime import Runtime


def entry(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": 2,
        "digest": "ab" * 32,
        "title": "Houses",
        "description": "",
        "owner": "Ann",
        "licence": "MIT",
        "intended_use": "",
        "limits": "R² 0.68",
    }


CATALOG = {
    "stage": "dev",
    "default_model": None,
    "models": [entry("housing"), entry("irises")],
}


@pytest.fixture
def catalog_file(tmp_path: Path) -> Path:
    path = tmp_path / "models.json"
    path.write_text(json.dumps(CATALOG))
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
    ("path", "document"),
    [
        ("/models", CATALOG),
        ("/models/", CATALOG),
        ("/v2/health/live", {"live": True}),
        ("/v2/health/ready", {"ready": True}),
    ],
)
def test_what_is_there_is_answered(
    catalog: Handler, event: dict[str, Any], path: str, document: object
) -> None:
    answer = catalog(to(event, "GET", path))

    assert (answer["statusCode"], json.loads(answer["body"])) == (200, document)
    assert answer["headers"] == {"content-type": "application/json"}


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
            "POST /predict",
            "not-found",
            "model: expected one of housing, irises, got a default model",
        ),
        (
            "GET /favicon.ico",
            "not-found",
            (
                "/favicon.ico: expected one of /models, /models/{model}, /models/{model}/predict, "
                "/predict, /v2/health/live, /v2/health/ready"
            ),
        ),
        ("POST /models", "method-not-allowed", "/models: expected GET, got POST"),
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
    assert line["Requests"] == [1.0]
    assert "a secret" not in catalog.log


def test_the_runtime_answers_what_the_handler_answers(
    catalog: Handler, catalog_file: Path, event: dict[str, Any]
) -> None:
    events = [event, to(event, "GET", "/\ud800"), event | {"body": "\ud800"}, {}, event]

    with Runtime("catalog", CATALOG_FILE=str(catalog_file)) as runtime:
        answers = [runtime(event) for event in events]

    assert [answer["statusCode"] for answer in answers] == [200, 404, 200, 404, 200]
    assert answers == [catalog(event) for event in events]
