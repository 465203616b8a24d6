"""Pages of the origins that the template names may call, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.assembly import Stack
from local.cors import Cors, cors_of
from local.front import Front
from local.port import Port, url_of
from local.route import Route
from local.template import Identity, Resource, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.local.conftest import FunctionOf

PAGE = "https://app.example"
CORS = Cors(
    origins=[PAGE],
    methods=["GET", "POST"],
    headers=["authorization", "content-type"],
    exposed_headers=["scoring-digest"],
    max_age_s=3600,
)


def template_of(**properties: Any) -> Template:  # noqa: ANN401 - whatever JSON holds
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}

    def nobody(resource: Resource) -> Identity:
        raise resource.error("nothing refers to it")

    return Template([Stack("api", {"Resources": {"Api": api}}, {})], nobody)


@pytest.fixture
def client(function_of: FunctionOf) -> Iterator[httpx.Client]:
    function = function_of(
        """
        def handler(event, context):
            return {"statusCode": 200, "headers": {"scoring-digest": "ab"}, "body": "{}"}
        """
    )
    bound = Port(0, "PORT").bind()
    url = url_of(bound)
    with (
        Front([Route("$default", function)], bound, cors=CORS),
        httpx.Client(base_url=url) as client,
    ):
        yield client


def asked(client: httpx.Client, origin: str) -> httpx.Response:
    return client.options(
        "/predict",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )


def test_what_the_template_configures_holds() -> None:
    template = template_of(
        CorsConfiguration={
            "AllowOrigins": [PAGE],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["authorization", "content-type"],
            "ExposeHeaders": ["scoring-digest"],
            "MaxAge": 3600,
        }
    )

    assert cors_of(template) == CORS


def test_without_a_configuration_there_is_none() -> None:
    assert cors_of(template_of()) is None


def test_a_page_of_a_named_origin_may_call_and_read_the_answer(client: httpx.Client) -> None:
    permission = asked(client, PAGE)
    answer = client.post("/predict", headers={"origin": PAGE}, json={})

    assert permission.status_code == 200
    assert permission.headers["access-control-allow-origin"] == PAGE
    assert permission.headers["access-control-max-age"] == "3600"
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-expose-headers"] == "scoring-digest"


def test_a_page_of_another_origin_may_not(client: httpx.Client) -> None:
    permission = asked(client, "https://other.example")
    answer = client.post("/predict", headers={"origin": "https://other.example"}, json={})

    assert permission.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


def test_no_page_may_call_with_cookies(client: httpx.Client) -> None:
    assert "access-control-allow-credentials" not in asked(client, PAGE).headers
