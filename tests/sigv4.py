"""Signatures as whoever has the key makes them: for servers that let in what is signed."""

from __future__ import annotations

from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature_of(
    received: BaseHTTPRequestHandler,
    body: bytes,
    signed_headers: Iterable[str],
    credentials: Credentials,
    *,
    region: str,
) -> str:
    """Botocore's, of the request that has arrived at API Gateway's place."""
    headers = {name: received.headers[name] for name in signed_headers if name != "host"}
    url = f"http://{received.headers['host']}{received.path}"
    request = AWSRequest(received.command, url, data=body, headers=headers)
    request.context["timestamp"] = received.headers["x-amz-date"]
    signer = SigV4Auth(credentials, "execute-api", region)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    signature: str = signer.signature(to_sign, request)
    return signature
