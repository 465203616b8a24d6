"""Score, from SQS's event to scored files, manifests, the answer and the log."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import boto3
import orjson
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from functions.score import s3_upload
from serving.errors import ConfigurationError
from tests import graphs
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.runtime import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_s3 import S3Client

HOUSING = ROOT / "models" / "housing" / "1"
GOLDEN = orjson.loads((HOUSING / "golden.json").read_bytes())
ENVIRONMENT = {
    "INBOX_BUCKET": "inbox",
    "RESULTS_BUCKET": "results",
    "QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:score",
    "SPLIT_BYTES": "134217728",
    "PART_BYTES": "67108864",
    "POWERTOOLS_METRICS_NAMESPACE": "Tests",
}
DONE: dict[str, Any] = {"batchItemFailures": []}

Send = Callable[..., dict[str, Any]]


def housing_csv() -> tuple[bytes, bytes]:
    """The golden rows as a CSV file, and that file scored."""
    header, *rows = [
        [*GOLDEN["instances"][0]],
        *(list(row.values()) for row in GOLDEN["instances"]),
    ]
    lines = [",".join(map(str, row)) for row in [header, *rows]]
    prices = [orjson.dumps(answer["price"]).decode() for answer in GOLDEN["predictions"]]
    added = ["price,error", *(f"{price}," for price in prices)]
    scored = "".join(f"{line},{more}\n" for line, more in zip(lines, added, strict=True))
    return ("\n".join(lines) + "\n").encode(), scored.encode()


@pytest.fixture
def score(s3: S3Client, import_handler: ImportHandler) -> Handler:  # noqa: ARG001 - its client is S3's
    return import_handler("score", MODEL_DIR=str(HOUSING), **ENVIRONMENT)


@pytest.fixture
def score_sums(
    s3: S3Client,  # noqa: ARG001 - its client is S3's
    import_handler: ImportHandler,
    tmp_path: Path,
) -> Handler:
    """The model `example`, which adds X_0 and X_1."""
    directory = graphs.save(graphs.total(), tmp_path / "example" / "1")
    return import_handler("score", MODEL_DIR=str(directory), **ENVIRONMENT)


@pytest.fixture
def announced(s3: S3Client, load_event: LoadEvent) -> Callable[..., dict[str, Any]]:
    """Uploads an object; S3's record about it, as events/score_two_files.json has them."""
    template = json.loads(load_event("score_two_files")["Records"][0]["body"])["Records"][0]

    def announce(key: str, body: bytes, *, bucket: str = "inbox") -> dict[str, Any]:
        answer = s3.put_object(Bucket=bucket, Key=key, Body=body)
        record: dict[str, Any] = copy.deepcopy(template)
        record["s3"]["bucket"]["name"] = bucket
        record["s3"]["object"] |= {
            "key": quote_plus(key, safe="/"),
            "size": len(body),
            "eTag": answer["ETag"].strip('"'),
            "versionId": answer.get("VersionId"),
        }
        return record

    return announce


@pytest.fixture
def batch(load_event: LoadEvent) -> Callable[..., dict[str, Any]]:
    """The event of messages with these ids and bodies."""
    template = load_event("score_two_files")["Records"][0]

    def make(**bodies: object) -> dict[str, Any]:
        return {
            "Records": [
                template
                | {"messageId": i, "body": body if isinstance(body, str) else json.dumps(body)}
                for i, body in bodies.items()
            ]
        }

    return make


def about(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": list(records)}


def body_of(s3: S3Client, key: str) -> bytes:
    return s3.get_object(Bucket="results", Key=key)["Body"].read()


def manifest_of(s3: S3Client, key: str) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(body_of(s3, key + ".manifest.json"))
    return document


def keys(s3: S3Client) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="results").get("Contents", [])]


def outcomes(handler: Handler) -> list[str]:
    return [line["outcome"] for line in handler.lines if line["message"] == "file"]


def test_scores_each_file_and_reports_the_broken_one_in_its_manifest(
    score: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    rows, scored = housing_csv()
    good = announced("housing/new houses.csv", rows)
    broken = announced("housing/broken.csv", b"lotsize\n5850\n")

    answer = score(batch(good=about(good), broken=about(broken)))

    assert answer == DONE
    assert body_of(s3, "housing/new houses.csv") == scored
    assert keys(s3) == [
        "housing/broken.csv.manifest.json",
        "housing/new houses.csv",
        "housing/new houses.csv.manifest.json",
    ]
    manifest = manifest_of(s3, "housing/new houses.csv")
    assert manifest["status"] == "succeeded"
    assert manifest["rows"] == {"in": 5, "ok": 5, "bad": 0}
    assert manifest["output"]["sha256"] == hashlib.sha256(scored).hexdigest()
    assert manifest_of(s3, "housing/broken.csv")["reason"].startswith(
        "expected the columns lotsize,"
    )
    assert outcomes(score) == ["succeeded", "failed"]


def test_an_event_from_the_collection_reports_objects_that_are_gone(
    score: Handler, s3: S3Client, load_event: LoadEvent
) -> None:
    assert score(load_event("score_two_files")) == DONE

    reasons = [
        manifest_of(s3, key)["reason"] for key in ["housing/new houses.csv", "housing/broken.csv"]
    ]
    assert reasons == ["the object was deleted before it was scored"] * 2


def test_a_json_lines_file_is_scored_too(
    score: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    rows = b"".join(orjson.dumps(row) + b"\n" for row in GOLDEN["instances"])

    assert score(batch(one=about(announced("housing/rows.jsonl", rows)))) == DONE

    assert [orjson.loads(line) for line in body_of(s3, "housing/rows.jsonl").splitlines()] == [
        row | prediction | {"error": None}
        for row, prediction in zip(GOLDEN["instances"], GOLDEN["predictions"], strict=True)
    ]


def test_several_objects_of_one_message_get_a_message_each(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="score")["QueueUrl"]
    records = [announced(f"example/{name}.csv", b"X_0,X_1\n1,2\n") for name in "abc"]

    assert score_sums(batch(one=about(*records))) == DONE

    assert keys(s3) == []
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = {message["MessageId"]: json.loads(message["Body"]) for message in messages}
    assert score_sums(batch(**bodies)) == DONE
    assert {key: body_of(s3, key) for key in keys(s3) if key.endswith(".csv")} == {
        f"example/{name}.csv": b"X_0,X_1,total,error\n1,2,3.0,\n" for name in "abc"
    }


def test_s3s_test_event_is_acknowledged(
    score: Handler, s3: S3Client, load_event: LoadEvent, batch: Send
) -> None:
    assert score(batch(one=load_event("s3_test_event"))) == DONE
    assert keys(s3) == []


def test_what_is_not_this_functions_is_acknowledged_and_counted(
    score: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    s3.create_bucket(Bucket="another")
    records = [
        announced("housing/rows.csv", housing_csv()[0], bucket="another"),
        announced("another-model/rows.csv", b""),
        announced("housing/_SUCCESS", b""),
        announced("housing/2026/", b""),
    ]

    messages = {f"message {n}": about(record) for n, record in enumerate(records)}
    assert score(batch(**messages)) == DONE

    assert keys(s3) == []
    assert outcomes(score) == ["refused", "refused", "ignored", "ignored"]
    assert [line for line in score.lines if line.get("FilesRefused") == [1.0]] == score.lines[:2]
    assert [line for line in score.lines if line.get("FilesIgnored") == [1.0]] == score.lines[2:]


@pytest.mark.parametrize("body", ["", "not JSON", "{}", '{"Records": [{}]}'])
def test_a_message_that_nobody_can_read_is_given_back(
    body: str, score: Handler, batch: Send
) -> None:
    assert score(batch(garbage=body)) == {"batchItemFailures": [{"itemIdentifier": "garbage"}]}


def test_a_fault_costs_only_the_message_that_met_it_and_the_next_delivery_mends_it(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    files = {name: about(announced(f"example/{name}.csv", b"X_0,X_1\n1,2\n")) for name in "abc"}

    def refuse(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        return response(request, 403) if "/b.csv" in request.url else None

    events = score_sums.module.s3.meta.events
    events.register_first("before-send.s3", refuse, unique_id="refuse")
    faulted = score_sums(batch(**files))
    events.unregister("before-send.s3", unique_id="refuse")
    mended = score_sums(batch(**files))

    assert faulted == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    assert mended == DONE
    assert [manifest_of(s3, f"example/{name}.csv")["status"] for name in "abc"] == ["succeeded"] * 3
    assert outcomes(score_sums) == ["succeeded"] * 2 + ["duplicate", "succeeded", "duplicate"]


def test_all_messages_may_fail_without_failing_the_function(
    score_sums: Handler, announced: Send, batch: Send
) -> None:
    files = {name: about(announced(f"example/{name}.csv", b"X_0,X_1\n1,2\n")) for name in "ab"}
    events = score_sums.module.s3.meta.events
    events.register_first("before-send.s3", lambda request, **_: response(request, 403))

    answer = score_sums(batch(**files))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}


def test_a_manifest_whose_answer_was_lost_is_known_again(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    message = about(announced("example/a.csv", b"X_0,X_1\n1,2\n"))
    lost: list[AWSPreparedRequest] = []

    def lose_the_answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        if lost or not request.url.endswith(".manifest.json"):
            return None
        lost.append(request)
        botocore_stubber("before-send", request)
        return response(request, 500)

    events = score_sums.module.s3.meta.events
    events.register_first("before-send.s3.PutObject", lose_the_answer)

    assert score_sums(batch(one=message)) == DONE
    assert outcomes(score_sums) == ["succeeded"]
    versions = s3.list_object_versions(Bucket="results")["Versions"]
    assert [version["Key"] for version in versions] == keys(s3)
    assert body_of(s3, "example/a.csv") == b"X_0,X_1,total,error\n1,2,3.0,\n"


def response(request: AWSPreparedRequest, status: int) -> AWSResponse:
    return AWSResponse(request.url, status, {}, MockRawResponse(""))  # type: ignore[arg-type]


def test_deliveries_come_again_in_any_order_and_change_nothing(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    first, second = (
        about(announced("example/a.csv", body)) for body in [b"X_0,X_1\n1,2\n", b"X_0,X_1\n3,4\n"]
    )

    for event in [
        batch(one=second, two=first),
        batch(three=first),
        batch(four=second, five=second),
    ]:
        assert score_sums(event) == DONE

    assert outcomes(score_sums) == ["succeeded", *["superseded"] * 2, *["duplicate"] * 2]
    versions = s3.list_object_versions(Bucket="results")["Versions"]
    assert [version["Key"] for version in versions] == keys(s3)
    assert body_of(s3, "example/a.csv") == b"X_0,X_1,total,error\n3,4,7.0,\n"


def test_what_a_crash_left_behind_is_removed_when_its_message_comes_again(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    first = about(announced("example/a.csv", b"X_0,X_1\n1,2\n"))
    source = first["Records"][0]["s3"]["object"]
    second = about(announced("example/a.csv", b"X_0,X_1\n3,4\n"))
    score_sums(batch(one=second))
    s3.put_object(
        Bucket="results",
        Key="example/a.csv",
        Body=b"an output whose delivery crashed before it could give way",
        Metadata={"job": "crashed", "bucket": "inbox", "version": source["versionId"]},
    )

    score_sums(batch(one=first))

    versions = s3.list_object_versions(Bucket="results")["Versions"]
    assert [version["Key"] for version in versions] == keys(s3)
    assert body_of(s3, "example/a.csv") == b"X_0,X_1,total,error\n3,4,7.0,\n"


def test_a_large_file_is_put_together_by_s3(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send
) -> None:
    rows = b"".join(b"%d,%d,%s\n" % (n % 97, n % 89, b"x" * 200) for n in range(60_000))

    answer = score_sums(batch(one=about(announced("example/a.csv", b"X_0,X_1,note\n" + rows))))

    assert answer == DONE
    output = body_of(s3, "example/a.csv")
    table = csv.reader(io.StringIO(output.decode()))
    assert next(table) == ["X_0", "X_1", "note", "total", "error"]
    assert [row[3] for row in table] == [f"{n % 97 + n % 89}.0" for n in range(60_000)]
    manifest = manifest_of(s3, "example/a.csv")
    assert manifest["rows"] == {"in": 60_000, "ok": 60_000, "bad": 0}
    assert manifest["output"]["size"] == len(output)
    assert manifest["output"]["parts"] == [
        {
            "key": None,
            "version": None,
            "size": len(output),
            "sha256": hashlib.sha256(output).hexdigest(),
        }
    ]
    assert keys(s3) == ["example/a.csv", "example/a.csv.manifest.json"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")


def test_a_large_file_that_turns_out_bad_leaves_no_parts(
    score_sums: Handler, s3: S3Client, announced: Send, batch: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_upload, "PART_BYTES", 1024)
    rows = b"1,2\n" * 10_000 + b"1,2,3\n"

    assert score_sums(batch(one=about(announced("example/a.csv", b"X_0,X_1\n" + rows)))) == DONE

    assert keys(s3) == ["example/a.csv.manifest.json"]
    assert manifest_of(s3, "example/a.csv")["reason"].startswith(
        "row 10001: expected 2 cells, got 3"
    )
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")


def test_the_log_counts_everything_and_quotes_nothing(
    score_sums: Handler, announced: Send, batch: Send
) -> None:
    record = announced("example/ms-secret.csv", b"X_0,X_1\n1,2\nsecret-cell,3\n")

    score_sums(batch(one=about(record)))
    score_sums(batch(two="secret-body"))
    score_sums.module.s3.meta.events.register_first(
        "before-send.s3", lambda request, **_: response(request, 403)
    )
    score_sums(batch(three=about(record)))

    scored, unreadable, faulted = (line for line in score_sums.lines if line["level"] != "WARNING")
    assert (
        scored.items()
        >= {
            "level": "INFO",
            "message": "file",
            "service": "score",
            "outcome": "succeeded",
            "model": "example",
            "model_version": 1,
            "digest": score_sums.module.model.digest,
            "rows_total": 2,
            "rows_bad": 1,
            "FilesSucceeded": [1.0],
            "Rows": [2.0],
            "BadRows": [1.0],
        }.items()
    )
    [measured] = scored["_aws"]["CloudWatchMetrics"]
    assert measured["Namespace"] == "Tests"
    assert {metric["Name"] for metric in measured["Metrics"]} == {
        "FilesSucceeded",
        "Duration",
        "Rows",
        "BadRows",
        "Parts",
        "Bytes",
    }
    assert [
        (line["level"], line["message_id"], line["error_type"]) for line in (unreadable, faulted)
    ] == [("ERROR", "two", "MalformedInputError"), ("ERROR", "three", "ClientError")]
    assert "secret" not in score_sums.log


def test_a_message_that_faults_leaves_a_note_and_comes_again_soon(
    score_sums: Handler, s3: S3Client, batch: Send
) -> None:
    sent: list[dict[str, Any]] = []
    queue = score_sums.module.queue._client
    queue.meta.events.register(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: sent.append(params),
    )

    score_sums(batch(garbage="secret-body"))

    note = orjson.loads(body_of(s3, ".faults/example/garbage.json"))
    assert note.pop("at")
    assert note.pop("error_frames")
    assert note == {
        "message_id": "garbage",
        "error_type": "MalformedInputError",
        "receive_count": 1,
    }
    assert [params["VisibilityTimeout"] for params in sent] == [30]


def test_metrics_of_one_file_are_not_counted_again_with_the_next(
    score_sums: Handler, announced: Send, batch: Send
) -> None:
    one, two = (announced(f"example/{name}.csv", b"X_0,X_1\n1,2\n") for name in "ab")
    marker = announced("example/_SUCCESS", b"")

    score_sums(batch(one=about(one), two=about(two), three=about(marker)))

    assert [line.get("Rows") for line in score_sums.lines] == [[1.0], [1.0], None]
    assert [line.get("FilesSucceeded") for line in score_sums.lines] == [[1.0], [1.0], None]


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize("missing", ["MODEL_DIR", "INBOX_BUCKET", "QUEUE_ARN", "PART_BYTES"])
def test_a_deployment_that_lacks_a_variable_fails_at_its_start(
    missing: str, import_handler: ImportHandler
) -> None:
    environment = {"MODEL_DIR": str(HOUSING), **ENVIRONMENT, missing: ""}

    with pytest.raises(ConfigurationError, match=f"^{missing}: expected a value"):
        import_handler("score", **environment)
