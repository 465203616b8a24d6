"""Online prediction: one model's answer to an HTTP request."""

from __future__ import annotations

from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.image import model_image
from cdk.image_function import ImageFunction, model_environment
from cdk.settings import StageSettings


class OnlinePrediction(ImageFunction):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: StageSettings, model: DeployedModel
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            image=model_image("predict", model, stage.processor),
            memory_mib=stage.predict_memory_mib,
            timeout_s=stage.predict_timeout_s,
            environment=model_environment(model),
        )
        self.live = self.published(provisioned_concurrency=stage.predict_provisioned_concurrency)
