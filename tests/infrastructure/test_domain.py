"""A host of one's own leads to the API, and then nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from cdk.app import ALWAYS, add_stacks, synthesize
from local.assembly import read_assembly
from local.identities import refuse_the_unknown
from local.template import Template
from rehearsal import wiring
from rehearsal.joined import identify
from serving.errors import ConfigurationError
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.test_controls import ARGUED, findings, short
from tests.infrastructure.test_settings import CERTIFICATE, HOST

ContextWith = Callable[..., dict[str, Any]]


@pytest.fixture
def hosted(models_directory: Path, context_with: ContextWith, tmp_path: Path) -> Assembly:
    context = context_with(default_model="housing", domain=HOST)
    return Assembly(synthesize(models_directory, context, tmp_path / "assembly"))


def test_the_host_leads_to_the_apis_only_stage(hosted: Assembly) -> None:
    domains = hosted.of_type("AWS::ApiGatewayV2::DomainName")
    mappings = hosted.of_type("AWS::ApiGatewayV2::ApiMapping")

    assert domains == {
        "api/Http/Domain": {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [
                {
                    "CertificateArn": CERTIFICATE,
                    "EndpointType": "REGIONAL",
                    "SecurityPolicy": "TLS_1_2",
                }
            ],
        }
    }
    assert mappings == {
        "api/Http/Domain/Mapping": {
            "ApiId": "api/Http/Api",
            "DomainName": "api/Http/Domain",
            "Stage": "api/Http/Stage",
        }
    }


def test_the_address_that_api_gateway_gives_is_closed(hosted: Assembly) -> None:
    [api] = hosted.of_type("AWS::ApiGatewayV2::Api").values()

    assert api["DisableExecuteApiEndpoint"] is True


def test_without_a_host_that_address_is_the_only_one(assembly: Assembly) -> None:
    [api] = assembly.of_type("AWS::ApiGatewayV2::Api").values()

    assert api.get("DisableExecuteApiEndpoint", False) is False
    assert assembly.of_type("AWS::ApiGatewayV2::DomainName") == {}


def test_the_stack_says_what_the_hosts_zone_must_point_to(hosted: Assembly) -> None:
    outputs = hosted.outputs("onnx-lambda-dev-api")

    assert outputs == {
        "ApiUrl": "https://api/Http/Domain",
        "DomainTarget": "api/Http/Domain.RegionalDomainName",
        "DomainHostedZoneId": "api/Http/Domain.RegionalHostedZoneId",
    }


def test_what_reads_templates_here_takes_it_as_it_is(hosted: Assembly) -> None:
    stacks = read_assembly(hosted.directory)

    refuse_the_unknown(Template(stacks, identify).resources)

    assert wiring.findings(stacks) == []


def test_aws_own_checklist_finds_no_more_for_it(
    models_directory: Path, context_with: ContextWith, tmp_path: Path
) -> None:
    context = {**ALWAYS, **context_with(default_model="housing", domain=HOST)}
    app = App(context=context, outdir=str(tmp_path), analytics_reporting=False)
    add_stacks(app, models_directory)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    found = findings(app, tmp_path)

    assert {short(finding) for finding in found} == ARGUED


def test_a_certificate_of_another_region_is_refused_before_anything_is_deployed(
    models_directory: Path,
    context_with: ContextWith,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = context_with(default_model="housing", domain=HOST)
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "111122223333")
    monkeypatch.setenv("CDK_DEFAULT_REGION", "us-east-1")

    with pytest.raises(
        ConfigurationError,
        match=r"dev\.domain\.certificate_arn: expected a certificate in us-east-1, where this is "
        r"deployed, got one in eu-west-1; request it there$",
    ):
        synthesize(models_directory, context, tmp_path / "assembly")


def test_a_region_that_the_command_line_guesses_says_nothing_of_a_certificate(
    models_directory: Path,
    context_with: ContextWith,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = context_with(default_model="housing", domain=HOST)
    monkeypatch.delenv("CDK_DEFAULT_ACCOUNT", raising=False)
    monkeypatch.setenv("CDK_DEFAULT_REGION", "us-east-1")

    assembly = synthesize(models_directory, context, tmp_path / "assembly")

    assert (assembly / "onnx-lambda-dev-api.template.json").is_file()
