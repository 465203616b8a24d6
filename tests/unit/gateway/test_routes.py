"""One table of method and path finds the endpoint, or says what there is."""

from __future__ import annotations

import pytest

from gateway.problem import METHOD_NOT_ALLOWED, NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response
from gateway.routes import Route, dispatch


def endpoint(name: str) -> Route:
    method, _, path = name.partition(" ")
    return Route(method, path, lambda request: Response(200, f"{name} {dict(request.parameters)}"))


ROUTES = [
    endpoint("POST /predict"),
    endpoint("POST /models/{model}/predict"),
    endpoint("GET /models/{model}"),
    endpoint("DELETE /models/{model}"),
    endpoint("GET /models/all"),
]


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/predict", "POST /predict {}"),
        (
            "POST",
            "/models/housing/predict",
            "POST /models/{model}/predict {'model': 'housing'}",
        ),
        ("GET", "/models/housing", "GET /models/{model} {'model': 'housing'}"),
        ("GET", "/models/{model}", "GET /models/{model} {'model': '{model}'}"),
        ("DELETE", "/models/housing", "DELETE /models/{model} {'model': 'housing'}"),
        ("GET", "/models/all", "GET /models/{model} {'model': 'all'}"),
        ("HEAD", "/models/housing", "GET /models/{model} {'model': 'housing'}"),
    ],
)
def test_the_first_route_that_fits_answers_with_its_parameters(
    method: str, path: str, found: str
) -> None:
    assert dispatch(ROUTES, Request(method=method, path=path)).body == found


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/predict/",
        "/predicts",
        "/models",
        "/models//predict",
        "/models/a/b/predict",
        "/MODELS/a",
    ],
)
def test_an_unknown_path_is_told_the_paths_there_are(path: str) -> None:
    with pytest.raises(ProblemError) as raised:
        dispatch(ROUTES, Request(method="GET", path=path))

    assert raised.value.problem is NOT_FOUND
    assert str(raised.value) == (
        f"{path}: expected one of /models/all, /models/{{model}}, /models/{{model}}/predict, "
        "/predict"
    )


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", "POST"),
        ("HEAD", "/predict", "POST"),
        ("post", "/predict", "POST"),
        ("PUT", "/models/housing", "DELETE, GET, HEAD"),
        ("OPTIONS", "/models/all", "DELETE, GET, HEAD"),
    ],
)
def test_a_known_path_is_told_the_methods_it_takes(method: str, path: str, allowed: str) -> None:
    with pytest.raises(ProblemError) as raised:
        dispatch(ROUTES, Request(method=method, path=path))

    assert raised.value.problem is METHOD_NOT_ALLOWED
    assert raised.value.headers == {"allow": allowed}
    assert str(raised.value) == f"{path}: expected {allowed}, got {method}"
