"""What lands in the inbox is kept, announced to its model's queue alone, and not lost silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cdk.app import synthesize
from tests.infrastructure.assembly import Assembly, Json
from tests.infrastructure.conftest import Context

MODELS = ["churn", "housing"]
BUCKETS = ["data/AccessLogs", "data/Inbox", "data/Results"]
QUEUES = [f"data/{model}/{queue}" for model in MODELS for queue in ("Queue", "DeadLetters")]
DAY_S = 24 * 60 * 60


def statements(assembly: Assembly, policy: str) -> list[Json]:
    found: list[Json] = assembly.resources[policy].properties["PolicyDocument"]["Statement"]
    return found


def test_there_are_no_other_buckets_and_queues(assembly: Assembly) -> None:
    buckets = assembly.of_type("AWS::S3::Bucket")
    queues = assembly.of_type("AWS::SQS::Queue")

    assert sorted(buckets) == BUCKETS
    assert sorted(queues) == sorted(QUEUES)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_encrypted_and_versioned(assembly: Assembly, bucket: str) -> None:
    properties = assembly.resources[bucket].properties

    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_outlives_its_stack(assembly: Assembly, bucket: str) -> None:
    body = assembly.resources[bucket].body

    assert (body["DeletionPolicy"], body["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(
    ("policy", "action"),
    [(f"{bucket}/Policy", "s3:*") for bucket in BUCKETS]
    + [(f"{queue}/Policy", "sqs:*") for queue in QUEUES],
)
def test_nothing_is_reached_without_tls(assembly: Assembly, policy: str, action: str) -> None:
    denials = [s for s in statements(assembly, policy) if s["Effect"] == "Deny"]

    assert [(s["Action"], s["Principal"], s["Condition"]) for s in denials] == [
        (action, {"AWS": "*"}, {"Bool": {"aws:SecureTransport": "false"}})
    ]


def test_abandoned_uploads_go_and_only_replaced_results_and_leftovers_expire(
    assembly: Assembly,
) -> None:
    rules = {
        bucket: assembly.resources[bucket].properties["LifecycleConfiguration"]["Rules"]
        for bucket in BUCKETS
    }

    abort = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"}
    assert rules == {
        "data/AccessLogs": [
            abort | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
            {"ExpirationInDays": 90, "Status": "Enabled"},
        ],
        "data/Inbox": [abort],
        "data/Results": [
            abort | {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
            *(
                {
                    "Prefix": prefix,
                    "ExpirationInDays": 30,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                    "Status": "Enabled",
                }
                for prefix in (".parts/", ".faults/")
            ),
        ],
    }


def test_the_inbox_announces_each_models_files_to_its_own_queue(assembly: Assembly) -> None:
    announced = assembly.resources["data/Inbox"].properties["NotificationConfiguration"]

    assert announced == {
        "QueueConfigurations": [
            {
                "Event": "s3:ObjectCreated:*",
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": f"{model}/"}]}},
                "Queue": f"data/{model}/Queue.Arn",
            }
            for model in MODELS
        ]
    }


def test_who_reads_and_writes_files_is_logged_apart(assembly: Assembly) -> None:
    logged = {
        bucket: assembly.resources[bucket].properties.get("LoggingConfiguration")
        for bucket in BUCKETS
    }
    admitted = [s for s in statements(assembly, "data/AccessLogs/Policy") if s["Effect"] == "Allow"]

    assert logged == {
        "data/AccessLogs": None,
        "data/Inbox": {"DestinationBucketName": "data/AccessLogs", "LogFilePrefix": "inbox/"},
        "data/Results": {"DestinationBucketName": "data/AccessLogs", "LogFilePrefix": "results/"},
    }
    assert admitted == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"data/AccessLogs.Arn/{bucket.lower()}/*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                "ArnLike": {"aws:SourceArn": f"data/{bucket}.Arn"},
            },
        }
        for bucket in ("Results", "Inbox")
    ]


def test_results_trigger_nothing(assembly: Assembly) -> None:
    properties = assembly.resources["data/Results"].properties

    assert "NotificationConfiguration" not in properties


@pytest.mark.parametrize("model", MODELS)
def test_a_queue_admits_the_inbox_of_this_account_alone(assembly: Assembly, model: str) -> None:
    allowed = [
        s for s in statements(assembly, f"data/{model}/Queue/Policy") if s["Effect"] == "Allow"
    ]

    assert allowed == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"data/{model}/Queue.Arn",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
                "ArnLike": {
                    "aws:SourceArn": "arn:<AWS::Partition>:s3:::onnx-lambda-dev-data-inbox*"
                },
            },
        }
    ]


def test_a_bucket_that_is_there_already_may_be_the_inbox(
    models_directory: Path, context_with: Callable[..., Context], tmp_path: Path
) -> None:
    context = context_with(default_model="housing", inbox_bucket="files-of-ours")

    assembly = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))

    [admitted] = [
        s for s in statements(assembly, "data/housing/Queue/Policy") if s["Effect"] == "Allow"
    ]
    score = assembly.resources["model-housing/Score"].properties["Environment"]["Variables"]
    assert sorted(assembly.of_type("AWS::S3::Bucket")) == ["data/AccessLogs", "data/Results"]
    assert admitted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
        "ArnLike": {"aws:SourceArn": "arn:<AWS::Partition>:s3:::files-of-ours"},
    }
    assert score["INBOX_BUCKET"] == "files-of-ours"
    assert assembly.outputs("onnx-lambda-dev-data")["InboxBucket"] == "files-of-ours"


def test_the_inbox_waits_for_the_policies_that_admit_it(assembly: Assembly) -> None:
    logical_ids = assembly.templates["onnx-lambda-dev-data"]["Resources"]
    awaited = {
        logical_ids[logical_id]["Metadata"]["aws:cdk:path"]
        for logical_id in assembly.resources["data/Inbox"].body["DependsOn"]
    }

    assert awaited >= {f"onnx-lambda-dev-data/{model}/Queue/Policy/Resource" for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_what_fails_five_times_is_kept_for_fourteen_days(assembly: Assembly, model: str) -> None:
    queue = assembly.resources[f"data/{model}/Queue"].properties
    dead_letters = assembly.resources[f"data/{model}/DeadLetters"].properties

    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": f"data/{model}/DeadLetters.Arn",
        "maxReceiveCount": 5,
    }
    assert dead_letters["MessageRetentionPeriod"] == 14 * DAY_S


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_encrypted(assembly: Assembly, queue: str) -> None:
    assert assembly.resources[queue].properties["SqsManagedSseEnabled"] is True


def test_outputs_name_the_buckets_every_queue_and_the_alarms(assembly: Assembly) -> None:
    outputs = assembly.outputs("onnx-lambda-dev-data")

    assert set(outputs.values()) >= {"data/Inbox", "data/Results", *QUEUES, "data/Alarms"}


def test_the_stack_refuses_to_be_deleted_by_accident(assembly: Assembly) -> None:
    artifact = assembly.manifest["artifacts"]["onnx-lambda-dev-data"]

    assert artifact["properties"]["terminationProtection"] is True


def test_only_this_accounts_alarms_are_told_and_over_tls(assembly: Assembly) -> None:
    denied, allowed = statements(assembly, "data/Alarms/Policy")

    assert (denied["Effect"], denied["Action"], denied["Condition"]) == (
        "Deny",
        "sns:Publish",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    assert allowed == {
        "Sid": "1",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "data/Alarms",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "<AWS::AccountId>"},
            "ArnLike": {
                "aws:SourceArn": "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>"
                ":alarm:*"
            },
        },
    }


# A resource under another logical id is another resource: the old one would be let go of, with what
# it holds. What is added here stays here.
FROZEN = {
    "AccessLogs8B620ECA": "AWS::S3::Bucket",
    "InboxA8E05DC3": "AWS::S3::Bucket",
    "Results25575328": "AWS::S3::Bucket",
    "Alarms04B5A0BF": "AWS::SNS::Topic",
    "housingQueue22C2C498": "AWS::SQS::Queue",
    "housingDeadLetters23E87561": "AWS::SQS::Queue",
}


def test_what_holds_data_keeps_its_logical_id(assembly: Assembly) -> None:
    resources = assembly.templates["onnx-lambda-dev-data"]["Resources"]

    kept = {logical_id: body["Type"] for logical_id, body in resources.items()}

    assert FROZEN.items() <= kept.items()
    assert sorted(set(FROZEN.values())) == sorted(
        {kind for kind in kept.values() if not kind.endswith("Policy")}
    )
