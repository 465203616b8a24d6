"""One model: its two functions, rolled out on their own and watched."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_s3 import IBucket
from aws_cdk.aws_sns import ITopic
from constructs import Construct

from cdk.alarms import Alarms
from cdk.batch_scoring import BatchScoring
from cdk.deployed_model import DeployedModel
from cdk.measurements import Measurements
from cdk.model_dashboard import ModelDashboard
from cdk.online_prediction import OnlinePrediction
from cdk.rollout import Rollout
from cdk.scoring_queue import ScoringQueue
from cdk.settings import StageSettings


class ModelStack(Stack):
    """`predict` is the alias that callers reach."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        inbox: IBucket,
        results: IBucket,
        queue: ScoringQueue,
        alarm_topic: ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        predict = OnlinePrediction(self, "Predict", stage=stage, model=model)
        score = BatchScoring(
            self, "Score", stage=stage, model=model, inbox=inbox, results=results, queue=queue.queue
        )
        alarms = Alarms(
            self,
            "Alarms",
            stage=stage,
            model=model,
            predict=predict,
            score=score,
            queue=queue,
            topic=alarm_topic,
        )
        Rollout(self, "Rollout", stage=stage, model=model, predict=predict, alarms=alarms.rollout)
        # All at once, and only after the gate and the canary have found nothing.
        score.live.node.add_dependency(predict.live)
        dashboard = ModelDashboard(self, "Dashboard", model=model, alarms=alarms.all)
        dashboard.show(Measurements(stage, model), predict=predict, score=score, queue=queue)
        self.predict = predict.live
        CfnOutput(self, "PredictFunction", value=predict.function_name)
        CfnOutput(self, "ScoreFunction", value=score.function_name)
