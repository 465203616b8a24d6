"""An API that answers wrongly, too slowly or not at all costs a sentence, and tells no secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from smoke.api import Api
from smoke.errors import SmokeError

Serve = Callable[[bytes], str]


class Stage(ThreadingHTTPServer):
    """Answers whatever comes with the same bytes; then drips, where these end in the middle."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.answer = answer
        self.is_over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Connection(BaseHTTPRequestHandler):
    server: Stage

    def do_GET(self) -> None:
        self.wfile.write(self.server.answer)
        with suppress(OSError):  # who asked has gone
            while self.server.answer.endswith(b"drip") and not self.server.is_over.wait(0.01):
                self.wfile.write(b".")

    def log_message(self, *_: object) -> None:
        """Tests say what matters."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    stages: list[tuple[Stage, threading.Thread]] = []

    def start(answer: bytes) -> str:
        stage = Stage(answer)
        thread = threading.Thread(target=stage.serve_forever, args=(0.01,))
        thread.start()
        stages.append((stage, thread))
        return stage.url

    yield start
    for stage, thread in stages:
        stage.is_over.set()
        stage.shutdown()
        thread.join()
        stage.server_close()


def refusal(api: Api) -> str:
    with api, pytest.raises(SmokeError) as raised:
        api.get("/models")
    return str(raised.value)


def test_an_answer_is_its_body_and_the_digest_beside_it(serve: Serve) -> None:
    with Api(serve(b'HTTP/1.0 200 OK\r\nscoring-digest: d\r\n\r\n{"version": 1}')) as api:
        answer = api.get("/models")

    assert (answer.source, answer.fields(), answer.digest) == ("GET /models", {"version": 1}, "d")


@pytest.mark.parametrize("begun", [b"HTTP/1.0 200 OK\r\nx-drip", b"HTTP/1.0 200 OK\r\n\r\ndrip"])
def test_an_answer_that_drips_is_not_waited_for_without_an_end(
    serve: Serve, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smoke.api.TIMEOUT_S", 0.2)

    told = refusal(Api(serve(begun)))

    assert told == "GET /models: expected an answer, got none within 0.2 s"


def test_a_token_that_no_header_can_carry_is_not_told(serve: Serve) -> None:
    told = refusal(Api(serve(b""), token="SECRET\n"))

    assert told == "GET /models: expected an answer, got a LocalProtocolError"


def test_what_is_not_http_is_not_repeated(serve: Serve) -> None:
    told = refusal(Api(serve(b"HTTP/1.0 200 OK\r\nSECRET\r\n\r\n")))

    assert told == "GET /models: expected an answer, got a RemoteProtocolError"


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (b"401 Unauthorized", b"", "use keys that may call it, or where the stage takes tokens, "),
        (b"502 Bad Gateway", b"", "an empty body"),
        (b"503 Service Unavailable", b" later \n", "later"),
        (b"302 Found", b"x" * 10_000, "x" * 500),
    ],
)
def test_a_refusal_is_told_with_what_to_do(
    serve: Serve, status: bytes, body: bytes, advice: str
) -> None:
    told = refusal(Api(serve(b"HTTP/1.0 " + status + b"\r\n\r\n" + body)))

    sentence = f"GET /models: expected 200, got {status.decode()[:3]}: {advice}"
    assert told.startswith(sentence)
    assert len(told) <= len(sentence) + 30


def test_a_token_that_comes_back_is_not_shown(serve: Serve) -> None:
    url = serve(b"HTTP/1.1 500 Oops\r\nContent-Length: 13\r\n\r\nBearer s3cret")

    with Api(url, token="s3cret") as api, pytest.raises(SmokeError) as raised:
        api.get("/models")

    assert str(raised.value) == "GET /models: expected 200, got 500: Bearer …"
