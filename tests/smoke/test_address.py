"""Where the API is looked for."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from operations.errors import SiteError
from smoke.address import checked, find_address
from smoke.errors import OptionError


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def deploy(stage: str) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"ApiUrl": {"Value": f"https://{stage}.example.com"}},
    }
    boto3.client("cloudformation").create_stack(
        StackName=f"onnx-lambda-{stage}-api", TemplateBody=json.dumps(template)
    )


@pytest.mark.usefixtures("account")
def test_a_stages_stack_says_where_its_api_is() -> None:
    deploy("dev")
    deploy("prod")

    assert find_address(None, None) == "https://dev.example.com"
    assert find_address("prod", None) == "https://prod.example.com"


@pytest.mark.usefixtures("account")
def test_a_stage_that_is_not_deployed_is_refused() -> None:
    with pytest.raises(SiteError, match=r"^expected the stack onnx-lambda-prod-api in this "):
        find_address("prod", None)


@pytest.mark.usefixtures("account")
def test_the_local_cloud_has_no_stacks_but_an_address() -> None:
    assert find_address(None, "http://127.0.0.1:9000") == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://abc.execute-api.eu-west-1.amazonaws.com:443/prod/",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:8080",
    ],
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "foo",
        "api.example.com",
        "https://",
        "http://api.example.com",
        "ftp://127.0.0.1",
        "https://api.example.com:port",
        "https://api.example.com:99999",
        "https://api.example.com:0",
        "https://api.example.com?stage=prod",
        "https://api example.com",
        "https://[::1",
    ],
)
def test_where_a_signature_could_not_go_or_would_be_read_is_no_address(url: str) -> None:
    with pytest.raises(OptionError) as raised:
        checked(url)

    assert str(raised.value) == (
        "--api-url: expected https:// and a host, or http:// and this machine (127.0.0.1), got "
        f"{url!r}"
    )


def test_a_password_in_an_address_is_refused_and_not_told() -> None:
    with pytest.raises(OptionError, match=r"got 'api\.example\.com'$"):
        checked("https://me:secret@api.example.com")
