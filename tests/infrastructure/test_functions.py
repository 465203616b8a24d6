"""Every function is told what it needs, may do what it must, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cdk.app import synthesize
from functions.catalog.settings import Settings as CatalogSettings
from functions.predict.settings import Settings as PredictSettings
from functions.score.settings import Settings as ScoreSettings
from tests.infrastructure.assembly import Assembly, Json
from tests.infrastructure.conftest import Context

PREDICT = ["model-churn/Predict", "model-housing/Predict"]
SCORE = ["model-churn/Score", "model-housing/Score"]
GATES = ["model-churn/Rollout/Gate", "model-housing/Rollout/Gate"]
IMAGES = ["api/Catalog", *PREDICT, *SCORE]
FUNCTIONS = [*IMAGES, *GATES]


def variables(assembly: Assembly, function: str) -> Mapping[str, str]:
    found: Mapping[str, str] = assembly.resources[function].properties["Environment"]["Variables"]
    return found


def may_log(function: str) -> Json:
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{function}Log.Arn",
    }


def test_a_model_has_two_functions_and_a_gate_and_the_catalog_is_the_only_other(
    assembly: Assembly,
) -> None:
    functions = assembly.of_type("AWS::Lambda::Function")

    assert sorted(functions) == sorted(FUNCTIONS)


def test_predict_is_told_which_model_it_serves(assembly: Assembly) -> None:
    environment = variables(assembly, "model-housing/Predict")

    assert environment == {
        "POWERTOOLS_METRICS_NAMESPACE": "OnnxLambda/dev",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "MODEL_DIR": "/opt/model",
        "MODEL_NAME": "housing",
        "MODEL_VERSION": "1",
    }


def test_score_is_told_its_model_its_buckets_its_queue_and_what_is_large(
    assembly: Assembly,
) -> None:
    environment = variables(assembly, "model-churn/Score")

    assert environment == {
        "POWERTOOLS_METRICS_NAMESPACE": "OnnxLambda/dev",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "MODEL_DIR": "/opt/model",
        "MODEL_NAME": "churn",
        "MODEL_VERSION": "2",
        "INBOX_BUCKET": "data/Inbox",
        "RESULTS_BUCKET": "data/Results",
        "QUEUE_ARN": "data/churn/Queue.Arn",
        "SPLIT_BYTES": "134217728",
        "PART_BYTES": "67108864",
    }


def test_the_catalog_is_told_what_is_deployed(assembly: Assembly) -> None:
    environment = variables(assembly, "api/Catalog")

    assert environment == {
        "POWERTOOLS_METRICS_NAMESPACE": "OnnxLambda/dev",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "CATALOG_FILE": "/opt/catalog/models.json",
    }


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        ("api/Catalog", CatalogSettings),
        *((function, PredictSettings) for function in PREDICT),
        *((function, ScoreSettings) for function in SCORE),
    ],
)
def test_a_functions_settings_are_satisfied_by_its_environment(
    assembly: Assembly,
    function: str,
    settings: Any,  # noqa: ANN401 - three classes that share a constructor's name
) -> None:
    settings.from_env(variables(assembly, function))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_sets_the_path_that_hides_the_layer(assembly: Assembly, function: str) -> None:
    assert "PYTHONPATH" not in variables(assembly, function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_log_is_kept_for_as_long_as_the_stage_says(
    assembly: Assembly, function: str
) -> None:
    logging = assembly.resources[function].properties["LoggingConfig"]
    log_group = assembly.resources[f"{function}Log"].properties

    assert logging == {"LogGroup": f"{function}Log"}
    assert log_group == {"RetentionInDays": 7}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_serves_one_function_and_no_managed_policy_widens_it(
    assembly: Assembly, function: str
) -> None:
    role = assembly.resources[f"{function}Role"].properties

    assert assembly.resources[function].properties["Role"] == f"{function}Role.Arn"
    # A boundary grants nothing.
    assert role.keys() - {"PermissionsBoundary"} == {"AssumeRolePolicyDocument", "Policies"}


def test_nobody_gets_permissions_but_through_a_functions_role_or_a_rollouts(
    assembly: Assembly,
) -> None:
    roles = assembly.of_type("AWS::IAM::Role")
    policies = assembly.of_type("AWS::IAM::Policy")

    rollouts = ["model-churn/Rollout/Role", "model-housing/Rollout/Role"]
    assert sorted(roles) == sorted([*(f"{function}Role" for function in FUNCTIONS), *rollouts])
    assert policies == {}


@pytest.mark.parametrize("function", ["api/Catalog", *PREDICT])
def test_predict_and_catalog_may_only_log(assembly: Assembly, function: str) -> None:
    assert allowed(assembly, function) == [may_log(function)]


@pytest.mark.parametrize("function", ["Predict", "Score", "Rollout/Gate"])
def test_every_models_functions_may_the_same_but_for_its_name(
    assembly: Assembly, function: str
) -> None:
    def statements(model: str) -> str:
        of_model = allowed(assembly, f"model-{model}/{function}")
        return json.dumps(of_model).replace(model, "<model>")

    assert statements("churn") == statements("housing")


def test_score_may_read_its_models_files_write_its_results_and_consume_its_queue(
    assembly: Assembly,
) -> None:
    assert allowed(assembly, "model-housing/Score") == [
        may_log("model-housing/Score"),
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "data/Inbox.Arn/housing/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucketVersions",
            "Resource": "data/Inbox.Arn",
            "Condition": {"StringLike": {"s3:prefix": ["housing/*"]}},
        },
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "data/Inbox.Arn"},
        {
            "Effect": "Allow",
            "Action": [
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:DeleteObjectVersion",
            ],
            "Resource": ["data/Results.Arn/housing/*", "data/Results.Arn/.parts/housing/*"],
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucketVersions",
            "Resource": "data/Results.Arn",
            "Condition": {"StringLike": {"s3:prefix": ["housing/*", ".parts/housing/*"]}},
        },
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "data/Results.Arn"},
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "data/Results.Arn/.faults/housing/*",
        },
        {
            "Effect": "Allow",
            "Action": [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
                "sqs:SendMessage",
            ],
            "Resource": "data/housing/Queue.Arn",
        },
        {
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": "arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>"
            ":event-bus/default",
        },
    ]


@pytest.mark.parametrize("model", ["churn", "housing"])
def test_score_may_send_itself_work_more_often_than_a_runaway_may(
    assembly: Assembly, model: str
) -> None:
    assert assembly.resources[f"model-{model}/Score"].properties["RecursiveLoop"] == "Allow"


def allowed(assembly: Assembly, function: str) -> list[Json]:
    (policy,) = assembly.resources[f"{function}Role"].properties["Policies"]
    statements: list[Json] = policy["PolicyDocument"]["Statement"]
    return statements


@pytest.mark.parametrize("model", ["churn", "housing"])
def test_score_takes_one_message_at_a_time_and_reports_failures_one_by_one(
    assembly: Assembly, model: str
) -> None:
    mapping = assembly.resources[f"model-{model}/Score/Messages"].properties

    assert mapping == {
        "FunctionName": f"model-{model}/Score/Live by :[6]:live",
        "EventSourceArn": f"data/{model}/Queue.Arn",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_score_may_have_concurrency_for_itself_that_takes_all_its_queue_hands_out(
    models_directory: Path, context_with: Callable[..., Context], tmp_path: Path
) -> None:
    context = context_with(
        default_model="housing", score_maximum_concurrency=7, score_reserved_concurrency=7
    )

    assembly = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))

    reserved = assembly.resources["model-housing/Score"].properties["ReservedConcurrentExecutions"]
    mapping = assembly.resources["model-housing/Score/Messages"].properties
    assert reserved >= mapping["ScalingConfig"]["MaximumConcurrency"]
    assert "ReservedConcurrentExecutions" not in assembly.resources["api/Catalog"].properties


@pytest.mark.parametrize("model", ["churn", "housing"])
def test_a_message_stays_invisible_for_six_timeouts_of_its_function(
    assembly: Assembly, model: str
) -> None:
    timeout_s = assembly.resources[f"model-{model}/Score"].properties["Timeout"]
    visibility_s = assembly.resources[f"data/{model}/Queue"].properties["VisibilityTimeout"]

    assert visibility_s >= 6 * timeout_s


@pytest.mark.parametrize("function", IMAGES)
def test_a_function_runs_an_image_for_x86_64(assembly: Assembly, function: str) -> None:
    properties = assembly.resources[function].properties

    assert (properties["PackageType"], properties["Architectures"]) == ("Image", ["x86_64"])
