"""A whole local cloud, and a door before it that lets in what is signed, as API Gateway does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from botocore.credentials import Credentials

from local.assembly import ROOT
from local.cloud import Cloud
from local.port import Port
from tests.sigv4 import signature_of

KEYS = Credentials("caller", "the caller's secret")
REGION = "us-east-1"
TOKEN = "an-issuers.token~which+the.stage/trusts=="
FORBIDDEN = b'{"message":"Forbidden"}'


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    free = Port(0, "PORT")
    with Cloud(ROOT / "models", api_port=free, aws_port=free) as cloud:
        yield cloud


@pytest.fixture
def door(cloud: Cloud) -> Iterator[str]:
    """Its URL; what passes is answered by the local cloud."""
    Door.behind = cloud.api_url
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Door(BaseHTTPRequestHandler):
    behind = ""

    def do_GET(self) -> None:
        self._admit()

    def do_POST(self) -> None:
        self._admit()

    def log_message(self, *_: object) -> None:
        """Tests say what matters."""

    def _admit(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not (self._bears_token() or self._is_signed(body)):
            return self._answer(403, FORBIDDEN, {})
        kind = {"content-type": self.headers.get("content-type") or "application/json"}
        answer = httpx.request(
            self.command, f"{self.behind}{self.path}", content=body, headers=kind, timeout=60
        )
        return self._answer(answer.status_code, answer.content, answer.headers)

    def _bears_token(self) -> bool:
        return self.headers["authorization"] == f"Bearer {TOKEN}"

    def _is_signed(self, body: bytes) -> bool:
        """Whether botocore signs the same request alike."""
        _, _, claims = self.headers["authorization"].partition(" ")
        claimed = dict(claim.split("=", 1) for claim in claims.split(", ") if "=" in claim)
        named = claimed.get("SignedHeaders", "").split(";")
        return claimed.get("Signature") == signature_of(self, body, named, KEYS, region=REGION)

    def _answer(self, status: int, body: bytes, headers: httpx.Headers | dict[str, str]) -> None:
        self.send_response(status)
        for name in ("content-type", "scoring-digest"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
