"""A deployed stage's HTTP API, asked as a caller asks it."""

from __future__ import annotations

import time
from typing import Any, Self

import httpx

from smoke.errors import SmokeError

# API Gateway gives up before.
TIMEOUT_S = 40.0
# New environments start; what is not up by then does not come up.
READY_WITHIN_S = 60.0
PAUSE_S = 1.0
REFUSED = {
    401: "use keys that may call it, or where the stage takes tokens, say one: TOKEN=…",
    403: "use a role that may call it (execute-api:Invoke)",
}


class Api:
    """A context manager. `auth` signs each request; a bearer token takes its place."""

    def __init__(
        self, url: str, *, auth: httpx.Auth | None = None, token: str | None = None
    ) -> None:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self.url = url
        self._client = httpx.Client(
            base_url=url,
            auth=auth if token is None else None,
            headers=headers,
            timeout=TIMEOUT_S,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def wait_until_ready(self) -> str:
        """Raises SmokeError with the last refusal."""
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                self.get("/v2/health/ready")
            except SmokeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_S)
            else:
                return "ready"

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, document: Any) -> httpx.Response:  # noqa: ANN401 - whatever JSON holds
        return self._ask("POST", path, json=document)

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        """Raises SmokeError unless the answer is 200."""
        try:
            response = self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise SmokeError(f"{method} {path}: expected an answer, got none: {error}") from error
        if response.status_code != httpx.codes.OK:
            advice = REFUSED.get(response.status_code, response.text.strip() or "an empty body")
            raise SmokeError(f"{method} {path}: expected 200, got {response.status_code}: {advice}")
        return response
