"""The HTTP API: who answers which path, who may ask, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk.aws_apigatewayv2 import (
    CfnStage,
    CorsHttpMethod,
    CorsPreflightOptions,
    HttpApi,
    HttpMethod,
    HttpNoneAuthorizer,
    IHttpRouteAuthorizer,
)
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer, HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from cdk.domain import CustomDomain
from cdk.settings import StageSettings

# What browsers ask for before they send it; responses name what scripts may read.
CORS_HEADERS = [
    "authorization",
    "content-encoding",
    "content-type",
    "inference-header-content-length",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
]
CORS_EXPOSED_HEADERS = ["inference-header-content-length", "scoring-digest"]
CORS_MAX_AGE = Duration.hours(1)

# Who called, from where and with what stays out of the log.
ACCESS_LOG_FORMAT = json.dumps(
    {
        "request_id": "$context.requestId",
        "time": "$context.requestTime",
        "route": "$context.routeKey",
        "status": "$context.status",
        "response_bytes": "$context.responseLength",
        "latency_ms": "$context.responseLatency",
        "integration_latency_ms": "$context.integrationLatency",
        "error": "$context.error.message",
        "integration_error": "$context.integrationErrorMessage",
    }
)


class PredictionApi(Construct):
    """Greedy routes: a path below a model's is that model's to refuse, any other the catalog's.

    `domain` is None where the stage has no host of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        predictors: Mapping[str, IFunction],
        default_model: str,
        catalog: IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        answered_by_catalog = HttpLambdaIntegration("Catalog", catalog)
        self._api = HttpApi(
            self,
            "Api",
            api_name=Stack.of(self).stack_name,
            create_default_stage=False,
            default_authorizer=_authorizer(stage),
            default_integration=answered_by_catalog,
            cors_preflight=_cors(stage.cors_origins),
            # Two addresses would be two promises, and only one of them survives another API.
            disable_execute_api_endpoint=stage.domain is not None,
        )
        # A browser asks before it calls, and asks unsigned: a route for ANY method that wants a
        # signature would take the question for a call, and refuse it.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
        self._asked_unsigned = bool(stage.cors_origins) and stage.auth != "none"
        if self._asked_unsigned:
            self._admit_questions(answered_by_catalog, ["/{proxy+}"])
        for model, predict in predictors.items():
            paths = _model_paths(model)
            self._route(predict, [*paths, "/predict"] if model == default_model else paths)
        api_stage = self._serve(stage)
        self.domain: CustomDomain | None = None
        if stage.domain is not None:
            self.domain = CustomDomain(
                self, "Domain", domain=stage.domain, api_id=self.api_id, api_stage=api_stage.ref
            )

    @property
    def api_id(self) -> str:
        return self._api.api_id

    @property
    def url(self) -> str:
        return self._api.api_endpoint if self.domain is None else f"https://{self.domain.name}"

    def _route(self, function: IFunction, paths: list[str]) -> None:
        integration = HttpLambdaIntegration(
            function.node.path,
            function,
            # One permission per function: one per route would fill the stack at half the models.
            scope_permission_to_route=False,
        )
        for path in paths:
            self._api.add_routes(path=path, integration=integration)
        if self._asked_unsigned:
            self._admit_questions(integration, paths)

    def _admit_questions(self, integration: HttpLambdaIntegration, paths: Sequence[str]) -> None:
        for path in paths:
            self._api.add_routes(
                path=path,
                methods=[HttpMethod.OPTIONS],
                integration=integration,
                authorizer=HttpNoneAuthorizer(),
            )

    def _serve(self, stage: StageSettings) -> CfnStage:
        log_group = LogGroup(self, "AccessLog", retention=stage.log_retention)
        return CfnStage(
            self,
            "Stage",
            api_id=self._api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group.log_group_arn, format=ACCESS_LOG_FORMAT
            ),
            default_route_settings=CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.throttle_rate_per_s,
                throttling_burst_limit=stage.throttle_burst,
            ),
        )


def _model_paths(model: str) -> list[str]:
    return [
        f"{root}/{model}{below}"
        for root in ("/models", "/v2/models")
        for below in ("", "/{proxy+}")
    ]


def _authorizer(stage: StageSettings) -> IHttpRouteAuthorizer:
    if stage.jwt is not None:
        return HttpJwtAuthorizer("Jwt", stage.jwt.issuer, jwt_audience=[*stage.jwt.audience])
    return HttpNoneAuthorizer() if stage.auth == "none" else HttpIamAuthorizer()


def _cors(origins: Sequence[str]) -> CorsPreflightOptions | None:
    """Never with credentials: callers sign or bear a token, and no cookie means anything here."""
    if not origins:
        return None
    return CorsPreflightOptions(
        allow_origins=[*origins],
        allow_methods=[CorsHttpMethod.GET, CorsHttpMethod.POST],
        allow_headers=CORS_HEADERS,
        expose_headers=CORS_EXPOSED_HEADERS,
        max_age=CORS_MAX_AGE,
    )
