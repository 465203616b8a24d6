"""The HTTP API: who answers which path, who may ask, and how often."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk.aws_apigatewayv2 import CfnStage, HttpApi, HttpNoneAuthorizer, IHttpRouteAuthorizer
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import IFunction
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from cdk.settings import Auth, StageSettings

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
    """Greedy routes: a path below a model's is that model's to refuse, any other the catalog's."""

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
        self._api = HttpApi(
            self,
            "Api",
            api_name=Stack.of(self).stack_name,
            create_default_stage=False,
            default_authorizer=_authorizer(stage.auth),
            default_integration=HttpLambdaIntegration("Catalog", catalog),
        )
        for model, predict in predictors.items():
            paths = _model_paths(model)
            self._route(predict, [*paths, "/predict"] if model == default_model else paths)
        self._serve(stage)

    @property
    def url(self) -> str:
        return self._api.api_endpoint

    def _route(self, function: IFunction, paths: list[str]) -> None:
        integration = HttpLambdaIntegration(
            function.node.path,
            function,
            # One permission per function: one per route would fill the stack at half the models.
            scope_permission_to_route=False,
        )
        for path in paths:
            self._api.add_routes(path=path, integration=integration)

    def _serve(self, stage: StageSettings) -> None:
        log_group = LogGroup(self, "AccessLog", retention=stage.log_retention)
        CfnStage(
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


def _authorizer(auth: Auth) -> IHttpRouteAuthorizer:
    match auth:
        case "iam":
            return HttpIamAuthorizer()
        case "none":
            return HttpNoneAuthorizer()
