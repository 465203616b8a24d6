"""Each alarm rings for its fault, injected here, and none over a thousand healthy invocations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cdk.app import synthesize
from cdk.context import read_context
from tests.functional.aws_platform import EARLIER, LAMBDA_VERSION, STACK, Platform
from tests.functional.conftest import Handler, ImportHandler
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.conftest import write_models

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Json = dict[str, Any]
Event = dict[str, Any]

MINUTE_S = 60.0
HOUR_S = 3600.0
QUEUE = "data/housing/Queue.Arn by :[5]"
DEAD_LETTERS = "data/housing/DeadLetters by /[4]"
ALARMS = [
    "PredictErrors",
    "PredictThrottles",
    "PredictSlow",
    "RolloutErrors",
    "RolloutSlow",
    "ScoreErrors",
    "ScoreThrottles",
    "QueueAge",
    "DeadLetters",
    "NoManifest",
    "BadRows",
    "FailedFiles",
    "PredictDigest",
    "ScoreDigest",
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def assembly(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    context = read_context()
    context["stages"]["dev"]["default_model"] = "housing"
    context["aws:cdk:disable-asset-staging"] = True
    return Assembly(synthesize(models, context, tmp_path_factory.mktemp("assembly")))


@pytest.fixture
def alarms(assembly: Assembly) -> dict[str, Json]:
    prefix = f"{STACK}/Alarms/"
    return {
        path.removeprefix(prefix): properties
        for path, properties in assembly.of_type("AWS::CloudWatch::Alarm").items()
        if path.startswith(prefix)
    }


@pytest.fixture
def platform(
    assembly: Assembly,
    models: Path,
    import_handler: ImportHandler,
    s3: S3Client,  # noqa: ARG001 - score's clients are its
) -> Platform:
    def load(function: str, version: int) -> Handler:
        properties = assembly.resources[f"{STACK}/{function.title()}"].properties
        variables = properties["Environment"]["Variables"] | {
            "MODEL_DIR": str(models / "housing" / str(version)),
            "MODEL_VERSION": str(version),
            "AWS_LAMBDA_FUNCTION_VERSION": LAMBDA_VERSION[version],
            "INBOX_BUCKET": "inbox",
            "RESULTS_BUCKET": "results",
            "QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:score",
        }
        return import_handler(function, **variables)

    return Platform(assembly, load)


@pytest.fixture
def ringing(platform: Platform, alarms: dict[str, Json]) -> Callable[[], list[str]]:
    """The alarms that ring at some minute of the first three hours."""

    def rang(alarm: Json) -> bool:
        minutes = range(1, 181)
        return any(platform.cloudwatch.rings(alarm, at_s=n * MINUTE_S) for n in minutes)

    return lambda: [name for name in alarms if rang(alarms[name])]


def minutes(*numbers: int) -> Iterator[float]:
    return (number * MINUTE_S for number in numbers)


def request(instances: object = ((1, 2),)) -> Event:
    path = "/models/housing/predict"
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": path}, "requestId": "r"},
        "body": json.dumps({"instances": instances}),
        "isBase64Encoded": False,
    }


@pytest.fixture
def announced(s3: S3Client) -> Callable[[str, bytes], Event]:
    """Uploads a file; SQS's event about it."""

    def announce(name: str, content: bytes) -> Event:
        key = f"housing/{name}"
        stored = s3.put_object(Bucket="inbox", Key=key, Body=BytesIO(content))
        record = {
            "eventSource": "aws:s3",
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "inbox"},
                "object": {
                    "key": key,
                    "size": len(content),
                    "eTag": stored["ETag"].strip('"'),
                    "versionId": stored["VersionId"],
                },
            },
        }
        message = {
            "messageId": name,
            "receiptHandle": "handle",
            "body": json.dumps({"Records": [record]}),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        return {"Records": [message]}

    return announce


GOOD_ROWS = b"X_0,X_1\n" + b"1,2\n" * 20
BAD_ROWS = GOOD_ROWS + b"1,banana\n" * 12
NO_ROWS = b"price\n1\n"


def test_a_model_has_these_alarms(alarms: dict[str, Json]) -> None:
    assert [*alarms] == ALARMS


def test_each_alarm_tells_the_stages_topic(alarms: dict[str, Json]) -> None:
    told = {name: alarm["AlarmActions"] for name, alarm in alarms.items()}

    assert told == {name: ["data/Alarms"] for name in ALARMS}


def test_a_thousand_healthy_invocations_ring_none(
    platform: Platform,
    announced: Callable[[str, bytes], Event],
    ringing: Callable[[], list[str]],
) -> None:
    for number in range(900):
        answer = platform.invoke("predict", request(), at_s=number * HOUR_S / 900)
        assert answer["statusCode"] == 200
    for number in range(100):
        at_s = number * HOUR_S / 100
        answer = platform.invoke("score", announced(f"{number}.csv", GOOD_ROWS), at_s=at_s)
        assert answer == {"batchItemFailures": []}
        platform.measure_queue(
            QUEUE,
            at_s=at_s,
            ApproximateAgeOfOldestMessage=2,
            ApproximateNumberOfMessagesVisible=0,
            ApproximateNumberOfMessagesNotVisible=1,
        )
        platform.measure_queue(DEAD_LETTERS, at_s=at_s, ApproximateNumberOfMessagesVisible=0)

    assert ringing() == []


def test_bad_requests_ring_none(platform: Platform, ringing: Callable[[], list[str]]) -> None:
    for at_s in minutes(*range(10)):
        answer = platform.invoke("predict", request([["banana", 2]]), at_s=at_s)
        assert answer["statusCode"] == 422

    assert ringing() == []


def test_a_model_that_fails_rings_for_callers_and_for_the_rollout(
    platform: Platform, ringing: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = platform.start("predict")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(handler.module.model, "predict", fail)
    for at_s in minutes(3, 4, 5):
        answer = platform.invoke("predict", request(), at_s=at_s)
        assert answer["statusCode"] == 500

    assert ringing() == ["PredictErrors", "RolloutErrors"]


def test_a_function_that_crashes_rings_for_callers_and_for_the_rollout(
    platform: Platform, ringing: Callable[[], list[str]]
) -> None:
    for at_s in minutes(3, 5):
        platform.measure("predict", at_s=at_s, Invocations=1, Errors=1)

    assert ringing() == ["PredictErrors", "RolloutErrors"]


def test_one_crash_among_many_answers_rings_none(
    platform: Platform, ringing: Callable[[], list[str]]
) -> None:
    platform.measure("predict", at_s=200, Invocations=1, Errors=1)

    assert ringing() == []


def test_an_old_version_that_fails_does_not_ring_for_the_rollout_that_mends_it(
    platform: Platform, ringing: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = platform.start("predict", version=EARLIER)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(handler.module.model, "predict", fail)
    for at_s in minutes(3, 4):
        platform.invoke("predict", request(), at_s=at_s, version=EARLIER)

    assert ringing() == ["PredictErrors"]


@pytest.mark.parametrize(
    ("function", "metrics", "rung"),
    [
        ("predict", {"Throttles": 3}, ["PredictThrottles"]),
        ("predict", {"Duration": 0.9 * 29_000}, ["PredictSlow", "RolloutSlow"]),
        ("predict", {"Duration": 0.7 * 29_000}, []),
        ("score", {"Invocations": 1, "Errors": 1}, ["ScoreErrors"]),
        ("score", {"Throttles": 1}, ["ScoreThrottles"]),
        # Large files take the time they may, and hand on the rest.
        ("score", {"Duration": 299_000}, []),
    ],
)
def test_what_lambda_measures_rings(
    platform: Platform,
    ringing: Callable[[], list[str]],
    function: str,
    metrics: dict[str, float],
    rung: list[str],
) -> None:
    for at_s in minutes(4, 6):
        platform.measure(function, at_s=at_s, **metrics)

    assert ringing() == rung


@pytest.mark.parametrize(
    ("queue", "metrics", "rung"),
    [
        (QUEUE, {"ApproximateAgeOfOldestMessage": 6 * 300 + 1}, ["QueueAge"]),
        (QUEUE, {"ApproximateAgeOfOldestMessage": 6 * 300}, []),
        (DEAD_LETTERS, {"ApproximateNumberOfMessagesVisible": 1}, ["DeadLetters"]),
    ],
)
def test_what_sqs_measures_rings(
    platform: Platform,
    ringing: Callable[[], list[str]],
    queue: str,
    metrics: dict[str, float],
    rung: list[str],
) -> None:
    platform.measure_queue(queue, at_s=7 * MINUTE_S, **metrics)

    assert ringing() == rung


def test_files_that_get_nowhere_ring_after_half_an_hour(
    platform: Platform, alarms: dict[str, Json]
) -> None:
    for at_s in minutes(*range(0, 60, 5)):
        platform.measure_queue(QUEUE, at_s=at_s, ApproximateNumberOfMessagesVisible=1)

    rung = [
        platform.cloudwatch.rings(alarms["NoManifest"], at_s=at_s) for at_s in minutes(25, 30, 35)
    ]

    assert rung == [False, True, True]


def test_files_of_which_one_gets_somewhere_do_not_ring(
    platform: Platform,
    announced: Callable[[str, bytes], Event],
    ringing: Callable[[], list[str]],
) -> None:
    for at_s in minutes(*range(0, 60, 5)):
        platform.measure_queue(QUEUE, at_s=at_s, ApproximateNumberOfMessagesVisible=1)
    for at_s in minutes(22, 47):
        platform.invoke("score", announced(f"{at_s}.csv", GOOD_ROWS), at_s=at_s)

    assert ringing() == []


@pytest.mark.parametrize(
    ("files", "rung"),
    [
        ([BAD_ROWS], ["BadRows"]),
        ([GOOD_ROWS + b"1,banana\n" * 9], []),
        ([NO_ROWS] * 3, ["FailedFiles"]),
        ([NO_ROWS] * 2, []),
        ([NO_ROWS] * 3 + [GOOD_ROWS] * 3, []),
    ],
    ids=[
        "many bad rows",
        "a few",
        "files of other columns",
        "two of them",
        "and as many good ones",
    ],
)
def test_what_is_in_files_rings(
    platform: Platform,
    announced: Callable[[str, bytes], Event],
    ringing: Callable[[], list[str]],
    files: list[bytes],
    rung: list[str],
) -> None:
    for number, content in enumerate(files):
        platform.invoke("score", announced(f"{number}.csv", content), at_s=100)

    assert ringing() == rung


def test_a_version_that_is_not_the_deployed_one_rings_where_it_answers(
    platform: Platform, ringing: Callable[[], list[str]]
) -> None:
    for at_s in minutes(5, 20, 35):
        platform.invoke("predict", request(), at_s=at_s, version=EARLIER)

    assert ringing() == ["PredictDigest"]


def test_a_version_that_is_not_the_deployed_one_rings_where_it_scores(
    platform: Platform,
    announced: Callable[[str, bytes], Event],
    ringing: Callable[[], list[str]],
) -> None:
    for at_s in minutes(5, 20, 35):
        platform.invoke("score", announced(f"{at_s}.csv", GOOD_ROWS), at_s=at_s, version=EARLIER)

    assert ringing() == ["ScoreDigest"]


def test_what_was_begun_before_a_rollout_does_not_ring(
    platform: Platform,
    announced: Callable[[str, bytes], Event],
    ringing: Callable[[], list[str]],
) -> None:
    for at_s in minutes(14, 16):
        platform.invoke("score", announced(f"{at_s}.csv", GOOD_ROWS), at_s=at_s, version=EARLIER)

    assert ringing() == []
