"""A function that is killed in the middle of a file leaves nothing, and the message comes again."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from local.data_plane import DataPlane
from local.environment import Configuration
from local.errors import FunctionCrashedError
from local.function import Function
from local.port import Port
from local.sqs_event import sqs_event
from tests.functional.runtime import LAYER, ROOT

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "housing/many houses.csv"
GOLDEN = json.loads((ROOT / "models" / "housing" / "1" / "golden.json").read_bytes())
REPEATS = 60_000  # enough rows for four parts
QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:housing"


@pytest.fixture(scope="module")
def data_plane() -> Iterator[DataPlane]:
    with DataPlane(Port(0, "AWS_PORT")) as data_plane:
        yield data_plane


@pytest.fixture
def s3(data_plane: DataPlane) -> S3Client:
    client = data_plane.s3()
    for bucket in ["inbox", "results"]:
        client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def event(data_plane: DataPlane, s3: S3Client) -> dict[str, Any]:
    """The event that announces the upload of a large file, as it came through a real queue."""
    sqs = data_plane.sqs()
    url = sqs.create_queue(QueueName="housing")["QueueUrl"]
    s3.put_bucket_notification_configuration(
        Bucket="inbox",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": QUEUE_ARN, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    header, rows = ",".join(GOLDEN["instances"][0]), GOLDEN["instances"]
    block = "".join(",".join(map(str, row.values())) + "\n" for row in rows)
    s3.put_object(Bucket="inbox", Key=KEY, Body=f"{header}\n{block * REPEATS}".encode())
    messages = []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        messages += received
    return sqs_event(messages, queue_arn=QUEUE_ARN)


@pytest.fixture
def function(data_plane: DataPlane) -> Iterator[Function]:
    configuration = Configuration(
        name="score",
        handler="functions.score.handler.lambda_handler",
        directory=ROOT,
        python_path=(LAYER,),
        variables={
            "MODEL_DIR": str(ROOT / "models" / "housing" / "1"),
            "INBOX_BUCKET": "inbox",
            "RESULTS_BUCKET": "results",
            "QUEUE_ARN": QUEUE_ARN,
            "SPLIT_BYTES": "134217728",
            "PART_BYTES": "5242880",
            "AWS_ENDPOINT_URL": data_plane.endpoint,
        },
        timeout_s=60,
        memory_mib=1024,
    )
    with Function(configuration) as function:
        yield function


def keys(s3: S3Client) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="results").get("Contents", [])]


def wait_until(condition: Callable[[], bool], *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s} s for what never came true"
        time.sleep(0.005)


def test_a_function_killed_in_mid_file_leaves_one_result_when_its_message_comes_again(
    function: Function, event: dict[str, Any], s3: S3Client
) -> None:
    with ThreadPoolExecutor() as pool:
        killed = pool.submit(function.invoke, event)
        wait_until(lambda: ".parts/housing/" in " ".join(keys(s3)), within_s=30)
        function.kill()
        with pytest.raises(FunctionCrashedError, match="SIGKILL"):
            killed.result()
    left_behind = keys(s3)

    answers = [json.loads(function.invoke(event)) for _ in range(2)]

    assert all(key.startswith(".parts/housing/") for key in left_behind)
    assert answers == [{"batchItemFailures": []}] * 2
    versions = s3.list_object_versions(Bucket="results")["Versions"]
    assert [version["Key"] for version in versions] == [KEY, KEY + ".manifest.json"]
    output = s3.get_object(Bucket="results", Key=KEY)
    body = output["Body"].read()
    manifest = json.loads(
        s3.get_object(Bucket="results", Key=KEY + ".manifest.json")["Body"].read()
    )
    assert manifest["status"] == "succeeded"
    assert manifest["rows"] == {"in": 5 * REPEATS, "ok": 5 * REPEATS, "bad": 0}
    parts = manifest["output"].pop("parts")
    assert manifest["output"] == {
        "bucket": "results",
        "key": KEY,
        "version": output["VersionId"],
        "size": len(body),
        "sha256": None,
    }
    reader = io.BytesIO(body)
    slices = [hashlib.sha256(reader.read(part["size"])).hexdigest() for part in parts]
    assert (slices, reader.read()) == ([part["sha256"] for part in parts], b"")
    predicted = [float(row["price"]) for row in csv.DictReader(io.StringIO(body.decode()))]
    assert predicted == [answer["price"] for answer in GOLDEN["predictions"]] * REPEATS
