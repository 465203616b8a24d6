"""Requests as the SDK sends them, caught before they leave."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from iam.call import Call

Sent = Callable[..., Call]


class _Nothing(BytesIO):
    def stream(self, **_: object) -> list[bytes]:
        return []


@pytest.fixture
def sent() -> Sent:
    """The request that the SDK makes of a call: `sent("s3", "get_object", Bucket=…)`."""

    def send(service: str, operation: str, **parameters: Any) -> Call:  # noqa: ANN401 - the SDK's
        calls = []

        def catch(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            body = request.body if isinstance(request.body, bytes) else b""
            headers = dict(request.headers.items())
            calls.append(Call.of(request.method, request.url, headers, body))
            return AWSResponse(request.url, 400, HTTPHeaders(), _Nothing())

        make_client: Any = boto3.client  # for any service
        client = make_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="the-function",
            aws_secret_access_key="nothing",
            endpoint_url="http://127.0.0.1:1",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register_first("before-send", catch)
        with pytest.raises((ClientError, BotoCoreError)):
            getattr(client, operation)(**parameters)
        return calls[0]

    return send
