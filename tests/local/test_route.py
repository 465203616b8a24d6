"""Requests take the route that API Gateway would give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.environment import Configuration
from local.function import Function
from local.route import Route, select

KEYS = [
    "$default",
    "ANY /models/housing",
    "ANY /models/housing/{proxy+}",
    "GET /models/housing/{proxy+}",
    "ANY /models/{model}",
    "ANY /models/{model}/versions/{version}",
    "ANY /models/{anything+}",
    "ANY /predict",
    "POST /predict",
]


@pytest.fixture
def routes() -> list[Route]:
    function = Function(Configuration(handler="unused", directory=Path()))
    return [Route(key, function) for key in KEYS]


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("POST", "/predict", "POST /predict", {}),
        ("GET", "/predict", "ANY /predict", {}),
        ("GET", "/models/housing", "ANY /models/housing", {}),
        ("POST", "/models/housing/predict", "ANY /models/housing/{proxy+}", {"proxy": "predict"}),
        ("GET", "/models/housing/a/b", "GET /models/housing/{proxy+}", {"proxy": "a/b"}),
        ("GET", "/models/houses", "ANY /models/{model}", {"model": "houses"}),
        (
            "GET",
            "/models/houses/versions/7",
            "ANY /models/{model}/versions/{version}",
            {"model": "houses", "version": "7"},
        ),
        (
            "GET",
            "/models/houses/golden",
            "ANY /models/{anything+}",
            {"anything": "houses/golden"},
        ),
        ("GET", "/models/housing/", "ANY /models/{anything+}", {"anything": "housing/"}),
        ("GET", "/models/", "$default", {}),
        ("GET", "/models", "$default", {}),
        ("GET", "/predict/", "$default", {}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_is_taken(
    routes: list[Route], method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    selected = select(routes, method, path)

    assert selected is not None
    assert (selected[0].key, selected[1]) == (key, parameters)


def test_without_a_default_route_nothing_may_be_taken(routes: list[Route]) -> None:
    assert select(routes[1:], "GET", "/nowhere") is None
