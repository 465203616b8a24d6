"""One model: its two functions, rolled out on their own."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_s3 import IBucket
from aws_cdk.aws_sqs import IQueue
from constructs import Construct

from cdk.batch_scoring import BatchScoring
from cdk.deployed_model import DeployedModel
from cdk.online_prediction import OnlinePrediction
from cdk.settings import StageSettings


class ModelStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        inbox: IBucket,
        results: IBucket,
        queue: IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.predict = OnlinePrediction(self, "Predict", stage=stage, model=model)
        BatchScoring(
            self, "Score", stage=stage, model=model, inbox=inbox, results=results, queue=queue
        )
