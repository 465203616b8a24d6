"""The front: one HTTP API for all models, the catalog behind what is left, and the overview."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_lambda import IFunction
from constructs import Construct

from cdk.catalog import Catalog
from cdk.overview import Overview
from cdk.prediction_api import PredictionApi
from cdk.settings import StageSettings


class ApiStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        predictors: Mapping[str, IFunction],
        default_model: str,
        inventory: Path,
        data_stack: str,
    ) -> None:
        super().__init__(scope, construct_id)
        catalog = Catalog(self, "Catalog", stage=stage, inventory=inventory)
        api = PredictionApi(
            self,
            "Http",
            stage=stage,
            predictors=predictors,
            default_model=default_model,
            catalog=catalog,
        )
        Overview(self, "Overview", stage=stage, api_id=api.api_id, data_stack=data_stack)
        CfnOutput(self, "ApiUrl", value=api.url)
        if api.domain is not None:
            CfnOutput(self, "DomainTarget", value=api.domain.regional_domain_name)
            CfnOutput(self, "DomainHostedZoneId", value=api.domain.regional_hosted_zone_id)
