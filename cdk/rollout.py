"""A rollout: how a model's traffic goes over to a new version, and back by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk.aws_cloudwatch import IAlarm
from aws_cdk.aws_codedeploy import (
    AutoRollbackConfig,
    ILambdaDeploymentConfig,
    LambdaApplication,
    LambdaDeploymentConfig,
    LambdaDeploymentGroup,
)
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Alias, IFunction
from constructs import Construct

from cdk.deployed_model import DeployedModel
from cdk.gate import Gate
from cdk.image_function import LIVE
from cdk.online_prediction import OnlinePrediction
from cdk.settings import Shift, StageSettings

CONFIGURATIONS: Mapping[Shift, ILambdaDeploymentConfig] = {
    "canary": LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "linear": LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
    "all-at-once": LambdaDeploymentConfig.ALL_AT_ONCE,
}


class Rollout(Construct):
    """CodeDeploy moves the alias `live`: after the gate, step by step, and back where the gate
    fails or one of the alarms rings."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        model: DeployedModel,
        predict: OnlinePrediction,
        alarms: Sequence[IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        role = _role(self, predict, alarms)
        group = LambdaDeploymentGroup(
            self,
            "Group",
            application=LambdaApplication(self, "Application"),
            alias=predict.live,
            deployment_config=CONFIGURATIONS[stage.rollout],
            alarms=alarms,
            auto_rollback=AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
            # What it may do is said below; CDK would let it invoke the gate by a wildcard.
            role=role.without_policy_updates(),
        )
        gate = Gate(
            self,
            "Gate",
            stage=stage,
            model=model,
            candidate=Alias(
                self, "Candidate", alias_name="candidate", version=predict.current_version
            ),
            version=predict.current_version,
            deployment_group=group,
        )
        gate.add_permission("Asked", principal=role)
        group.add_pre_hook(gate)
        predict.live.node.add_dependency(gate)


def _role(scope: Construct, predict: OnlinePrediction, alarms: Sequence[IAlarm]) -> Role:
    allowed = [*_may_move_alias(predict), _may_watch(alarms)]
    return Role(
        scope,
        "Role",
        assumed_by=ServicePrincipal("codedeploy.amazonaws.com"),
        inline_policies={"Allowed": PolicyDocument(statements=allowed)},
    )


def _may_move_alias(function: IFunction) -> list[PolicyStatement]:
    """Lambda takes an alias for a part of its function, but where it is kept started for a thing of
    its own: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html"""
    # The alias itself waits for its deployment group, and that for its role.
    live = f"{function.function_arn}:{LIVE}"
    return [
        PolicyStatement(
            actions=["lambda:GetAlias", "lambda:UpdateAlias"], resources=[function.function_arn]
        ),
        PolicyStatement(actions=["lambda:GetProvisionedConcurrencyConfig"], resources=[live]),
    ]


def _may_watch(alarms: Sequence[IAlarm]) -> PolicyStatement:
    return PolicyStatement(
        actions=["cloudwatch:DescribeAlarms"], resources=[alarm.alarm_arn for alarm in alarms]
    )
