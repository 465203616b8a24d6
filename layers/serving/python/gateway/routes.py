"""One table of method and path, and the way through it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gateway.problem import METHOD_NOT_ALLOWED, NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response

Endpoint = Callable[[Request], Response]


class Route:
    """`path` may hold placeholders for one segment each: /models/{model}."""

    def __init__(self, method: str, path: str, endpoint: Endpoint) -> None:
        self.method = method
        self.path = path
        self.endpoint = endpoint
        self.segments = _segments(path)


def dispatch(routes: Sequence[Route], request: Request) -> Response:
    """Answer a request by its route; raises ProblemError for a path or method that has none.

    A HEAD goes where a GET does, and the caller leaves out the body (RFC 9110).
    """
    found = list(_matches(routes, request.path))
    if not found:
        paths = ", ".join(sorted({route.path for route in routes}))
        raise ProblemError(NOT_FOUND, f"{request.path}: expected one of {paths}")
    method = "GET" if request.method == "HEAD" else request.method
    for route, parameters in found:
        if route.method == method:
            return route.endpoint(
                request._replace(parameters=parameters) if parameters else request
            )
    methods = {route.method for route, _ in found}
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    detail = f"{request.path}: expected {allowed}, got {request.method}"
    raise ProblemError(METHOD_NOT_ALLOWED, detail, headers={"allow": allowed})


def _matches(routes: Iterable[Route], path: str) -> Iterable[tuple[Route, dict[str, str]]]:
    segments = _segments(path)
    for route in routes:
        if route.segments == segments and "{" not in route.path:
            yield route, {}
        elif len(route.segments) == len(segments) and all(map(_fits, route.segments, segments)):
            pairs = zip(route.segments, segments, strict=True)
            yield route, {part[1:-1]: segment for part, segment in pairs if part[:1] == "{"}


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.removeprefix("/").split("/"))


def _fits(pattern: str, segment: str) -> bool:
    return pattern == segment or (pattern.startswith("{") and segment != "")
