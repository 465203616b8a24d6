"""Requests signed as AWS wants them: Signature Version 4."""

from __future__ import annotations

from collections.abc import Generator

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# What API Gateway is called in signatures.
SERVICE = "execute-api"


class Signature(httpx.Auth):
    requires_request_body = True

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._credentials = credentials
        self._region = region

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        signed = AWSRequest(request.method, str(request.url), data=request.content)
        # Each time anew: they expire.
        keys = self._credentials.get_frozen_credentials()
        SigV4Auth(keys, SERVICE, self._region).add_auth(signed)
        request.headers.update(dict(signed.headers))
        yield request
