from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools import Metrics
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from chaos.call import Call, call_of
from chaos.clock import Clock
from chaos.cloud import Cloud, new_cloud
from chaos.fault import Calm, Fault
from chaos.laboratory import Laboratory, laboratory
from chaos.network import Network
from chaos.process import Process

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Connect = Callable[[str], Any]


@pytest.fixture
def cloud() -> Cloud:
    return new_cloud(Clock(), Random(0), versioned_inbox=False)


@pytest.fixture
def network(cloud: Cloud) -> Network:
    return Network(cloud, Calm(), _unobserved)


@pytest.fixture
def connect(network: Network, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """A client of the SDK that the doubles answer; it does not wait between its attempts."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    process = Process("test", lambda: None, started_s=0)

    def answer(event_name: str, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return network.answer(call_of(event_name, request), process)

    def connected(service: str) -> Any:  # noqa: ANN401 - any client
        client = boto3.client(
            service,
            region_name="eu-central-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
            endpoint_url="http://127.0.0.1:1",
            config=Config(retries={"mode": "standard", "total_max_attempts": 5}),
        )
        client.meta.events.register_first("before-send", answer)
        return client

    return connected


@pytest.fixture
def s3(connect: Connect) -> S3Client:
    """The inbox is not versioned, results are; parts may be as small as 64 bytes."""
    client: S3Client = connect("s3")
    return client


@pytest.fixture(scope="module")
def opened() -> Iterator[Laboratory]:
    # Powertools keeps metrics and dimensions for as long as the process lives.
    metrics = Metrics()
    metrics.clear_default_dimensions()
    metrics.clear_metrics()
    with laboratory() as opened:
        yield opened


def _unobserved(_: Call, __: Fault | None, ___: str) -> None: ...
