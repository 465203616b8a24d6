"""A deployed stage's HTTP API, asked as a caller asks it."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Self

import httpx

from smoke.answer import Answer
from smoke.errors import SmokeError

# For a whole answer, however slowly it drips; API Gateway gives up before.
TIMEOUT_S = 40.0
# New environments start; what is not up by then does not come up.
READY_WITHIN_S = 60.0
PAUSE_S = 1.0
# Of a body that says why there is no answer.
SHOWN_CHARACTERS = 500
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
        self._token = token
        # Bounds a request as a whole, where httpx bounds each of its reads.
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            base_url=url,
            auth=auth if token is None else None,
            headers=headers,
            timeout=TIMEOUT_S,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

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

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, document: Any) -> Answer:  # noqa: ANN401 - whatever JSON holds
        return self._ask("POST", path, json=document)

    def _ask(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401 - httpx's
        """Raises SmokeError unless the answer is 200."""
        asked = f"{method} {path}"
        try:
            response = self._runner.run(self._request(method, path, **request))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _unanswered(asked, f"none within {TIMEOUT_S:g} s") from error
        except httpx.ProtocolError as error:
            # Its text may hold a header, and that one a token.
            raise _unanswered(asked, f"a {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise _unanswered(asked, f"none: {error}") from error
        if response.status_code != httpx.codes.OK:
            advice = REFUSED.get(response.status_code) or self._reason(response)
            raise SmokeError(f"{asked}: expected 200, got {response.status_code}: {advice}")
        return Answer(asked, response.content, response.headers.get("scoring-digest"))

    def _reason(self, response: httpx.Response) -> str:
        """Some servers say what they were sent, and that was a token."""
        text = response.text if self._token is None else response.text.replace(self._token, "…")
        return text.strip()[:SHOWN_CHARACTERS] or "an empty body"

    async def _request(self, method: str, path: str, **request: Any) -> httpx.Response:  # noqa: ANN401 - httpx's
        async with asyncio.timeout(TIMEOUT_S):
            return await self._client.request(method, path, **request)


def _unanswered(asked: str, got: str) -> SmokeError:
    return SmokeError(f"{asked}: expected an answer, got {got}")
