"""Every path reaches the function that must answer it, and strangers reach none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk.app import synthesize
from tests.infrastructure.assembly import Assembly


def test_each_route_goes_to_the_function_that_answers_it(assembly: Assembly) -> None:
    routes = assembly.of_type("AWS::ApiGatewayV2::Route").values()
    integrations = assembly.of_type("AWS::ApiGatewayV2::Integration")
    answering = {
        route["RouteKey"]: integrations[route["Target"].removeprefix("integrations/")][
            "IntegrationUri"
        ]
        for route in routes
    }

    assert answering == {
        "$default": "api/Catalog.Arn",
        "ANY /predict": "model-housing/Predict/Live",
        "ANY /models/churn": "model-churn/Predict/Live",
        "ANY /models/churn/{proxy+}": "model-churn/Predict/Live",
        "ANY /v2/models/churn": "model-churn/Predict/Live",
        "ANY /v2/models/churn/{proxy+}": "model-churn/Predict/Live",
        "ANY /models/housing": "model-housing/Predict/Live",
        "ANY /models/housing/{proxy+}": "model-housing/Predict/Live",
        "ANY /v2/models/housing": "model-housing/Predict/Live",
        "ANY /v2/models/housing/{proxy+}": "model-housing/Predict/Live",
    }


def test_functions_get_events_of_version_2(assembly: Assembly) -> None:
    integrations = assembly.of_type("AWS::ApiGatewayV2::Integration").values()

    assert {integration["PayloadFormatVersion"] for integration in integrations} == {"2.0"}


def test_only_this_api_may_call_the_functions_it_routes_to(assembly: Assembly) -> None:
    api = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:api/Http/Api"
    permissions = assembly.of_type("AWS::Lambda::Permission").items()
    granted = {
        (p["FunctionName"], p["Principal"], p["SourceArn"])
        for path, p in permissions
        if path.startswith("api/")
    }

    assert granted == {
        # The default route's ARN ends with the route; the others' go on with a method and a path.
        ("api/Catalog.Arn", "apigateway.amazonaws.com", f"{api}/*/*"),
        ("model-churn/Predict/Live", "apigateway.amazonaws.com", f"{api}/*/*/*"),
        ("model-housing/Predict/Live", "apigateway.amazonaws.com", f"{api}/*/*/*"),
    }


def test_callers_sign_their_requests(assembly: Assembly) -> None:
    routes = assembly.of_type("AWS::ApiGatewayV2::Route").values()

    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM"}


def test_an_api_is_open_only_where_the_stage_says_so(
    models_directory: Path, context_with: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    context = context_with(default_model="housing", auth="none")

    opened = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))

    routes = opened.of_type("AWS::ApiGatewayV2::Route").values()
    assert {route["AuthorizationType"] for route in routes} == {"NONE"}


TOKENS = {
    "auth": "jwt",
    "jwt": {"issuer": "https://id.example", "audience": ["predictions"]},
}
PAGES = {"cors_origins": ["https://app.example"]}


def synthesized(
    models: Path, context_with: Callable[..., dict[str, Any]], output: Path, **settings: object
) -> Assembly:
    context = context_with(default_model="housing", **settings)
    return Assembly(synthesize(models, context, output / "assembly"))


def test_callers_bear_tokens_of_the_stages_issuer_where_it_says_so(
    models_directory: Path, context_with: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    tokens = synthesized(models_directory, context_with, tmp_path, **TOKENS)

    [(authorizer, properties)] = tokens.of_type("AWS::ApiGatewayV2::Authorizer").items()
    routes = tokens.of_type("AWS::ApiGatewayV2::Route").values()
    assert properties["AuthorizerType"] == "JWT"
    assert properties["IdentitySource"] == ["$request.header.Authorization"]
    assert properties["JwtConfiguration"] == {
        "Issuer": "https://id.example",
        "Audience": ["predictions"],
    }
    assert {(route["AuthorizationType"], route["AuthorizerId"]) for route in routes} == {
        ("JWT", authorizer)
    }


def test_no_page_of_another_origin_may_call_unless_the_stage_names_it(assembly: Assembly) -> None:
    [api] = assembly.of_type("AWS::ApiGatewayV2::Api").values()

    assert "CorsConfiguration" not in api


def test_pages_of_the_stages_origins_may_call(
    models_directory: Path, context_with: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    opened = synthesized(models_directory, context_with, tmp_path, **PAGES)

    [api] = opened.of_type("AWS::ApiGatewayV2::Api").values()
    assert api["CorsConfiguration"] == {
        "AllowOrigins": ["https://app.example"],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": [
            "authorization",
            "content-encoding",
            "content-type",
            "inference-header-content-length",
            "x-amz-content-sha256",
            "x-amz-date",
            "x-amz-security-token",
        ],
        "ExposeHeaders": ["inference-header-content-length", "scoring-digest"],
        "MaxAge": 3600,
    }


@pytest.mark.parametrize("auth", [{"auth": "iam"}, TOKENS])
def test_a_browser_asks_unsigned_whether_a_page_may_call_and_then_calls_signed(
    models_directory: Path,
    context_with: Callable[..., dict[str, Any]],
    tmp_path: Path,
    auth: dict[str, Any],
) -> None:
    opened = synthesized(models_directory, context_with, tmp_path, **PAGES, **auth)

    unsigned = {True: set(), False: set()}
    for route in opened.of_type("AWS::ApiGatewayV2::Route").values():
        unsigned[route["AuthorizationType"] == "NONE"].add(route["RouteKey"])
    assert {key.replace("ANY", "OPTIONS") for key in unsigned[False]} - {"$default"} == {
        key for key in unsigned[True] if key != "OPTIONS /{proxy+}"
    }
    assert "OPTIONS /{proxy+}" in unsigned[True]


def test_requests_are_throttled_as_the_stage_says(assembly: Assembly) -> None:
    stage = assembly.resources["api/Http/Stage"].properties

    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": 50,
        "ThrottlingBurstLimit": 100,
    }


def test_requests_are_logged_without_saying_who_sent_what(assembly: Assembly) -> None:
    stage = assembly.resources["api/Http/Stage"].properties
    log_group = assembly.resources["api/Http/AccessLog"].properties

    assert stage["AccessLogSettings"]["DestinationArn"] == "api/Http/AccessLog.Arn"
    assert log_group == {"RetentionInDays": 7}
    assert set(json.loads(stage["AccessLogSettings"]["Format"]).values()) == {
        "$context.requestId",
        "$context.requestTime",
        "$context.routeKey",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.error.message",
        "$context.integrationErrorMessage",
    }


def test_the_stack_says_where_the_api_is(assembly: Assembly) -> None:
    outputs = assembly.outputs("onnx-lambda-dev-api")

    assert outputs["ApiUrl"] == "api/Http/Api.ApiEndpoint"
