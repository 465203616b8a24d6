"""An API that answers who signs for it, and nobody else: what API Gateway does under IAM."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from botocore.credentials import Credentials

from tests.sigv4 import signature_of

REGION = "eu-west-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "known to both sides",
    "AWS_SESSION_TOKEN": "of a session",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
AUTHORIZATION = re.compile(
    rf"AWS4-HMAC-SHA256 Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}/\d{{8}}/{REGION}/"
    r"execute-api/aws4_request, *SignedHeaders=([\w;-]+), *Signature=([0-9a-f]{64})"
)


class SignedApi(HTTPServer):
    """Says what it was asked; a 403 to whoever cannot sign."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._is_signed(body):
            self._answer(200, {"asked": self.path, "with": json.loads(body)})
        else:
            self._answer(403, {"message": "Forbidden"})

    def _is_signed(self, body: bytes) -> bool:
        """Whether the signature is the one that whoever has the key makes of what has arrived."""
        claimed = AUTHORIZATION.fullmatch(self.headers["Authorization"] or "")
        if claimed is None:
            return False
        named = claimed[1].split(";")
        return claimed[2] == signature_of(self, body, named, _credentials(), region=REGION)

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests say what they see."""


def _credentials() -> Credentials:
    return Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
