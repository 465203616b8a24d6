"""Pictures through both doors: bodies, base64, files of their own and archives, bit by bit."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import orjson
import pytest
from PIL import Image

from delivery.task import Announcement
from operations.inbox import files_in
from operations.site import Site
from operations.submission import plan
from operations.verification import Status, verify
from tests import graphs
from tests.functional.conftest import Handler, ImportHandler, LoadEvent
from tests.functional.exchange import assert_is_problem, parsed
from tests.functional.test_score import ENVIRONMENT, body_of, keys, manifest_of
from tests.pictures import CARD, brightness, encoded, smooth
from tests.unit.formats.archives import Files, tarred, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from types_boto3_s3 import S3Client

# Scores what is in the inbox, and whatever that asks for, to the end.
Score = Callable[[], None]

PICTURES: dict[str, bytes] = {
    "png": encoded(smooth(30, 20)),
    "jpeg": encoded(smooth(900, 700), "JPEG"),
    "webp": encoded(smooth(16, 16), "WEBP"),
}
FILES: Files = [(f"{kind}/x.{kind}", data) for kind, data in PICTURES.items()]
MANY: Files = [(f"{number}/{name}", data) for number in range(8) for name, data in FILES]


@pytest.fixture
def version(tmp_path: Path) -> Path:
    return graphs.save(brightness(), tmp_path / "example" / "1", card=CARD)


@pytest.fixture
def predict_image(import_handler: ImportHandler, version: Path) -> Handler:
    return import_handler("predict", MODEL_DIR=str(version), POWERTOOLS_METRICS_NAMESPACE="Tests")


@pytest.fixture
def site(s3: S3Client) -> Site:
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName="score")
    return Site(s3, sqs, inbox="inbox", results="results")


@pytest.fixture
def score(import_handler: ImportHandler, version: Path, site: Site, load_event: LoadEvent) -> Score:
    environment = ENVIRONMENT | {"SPLIT_BYTES": "3000", "PART_BYTES": "2000"}
    handler = import_handler("score", MODEL_DIR=str(version), **environment)
    [message, *_] = load_event("score_two_files")["Records"]
    url = site.sqs.get_queue_url(QueueName="score")["QueueUrl"]

    def run() -> None:
        waiting = [Announcement(file.source).to_json() for file in files_in(site.s3, "inbox", "")]
        while waiting:
            records = [{**message, "messageId": str(n), "body": b} for n, b in enumerate(waiting)]
            assert handler({"Records": records}) == {"batchItemFailures": []}
            received = site.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            waiting = [task["Body"] for task in received.get("Messages", [])]
            for task in received.get("Messages", []):
                site.sqs.delete_message(QueueUrl=url, ReceiptHandle=task["ReceiptHandle"])

    return run


@pytest.fixture
def event(load_event: LoadEvent) -> dict[str, Any]:
    return load_event("predict_default_model")


def with_picture(event: dict[str, Any], data: bytes, content_type: str) -> dict[str, Any]:
    """As API Gateway hands on what is no text."""
    return event | {
        "headers": {"content-type": content_type},
        "body": base64.b64encode(data).decode(),
        "isBase64Encoded": True,
    }


def predictions(answer: dict[str, Any]) -> list[float]:
    return [row["brightness"] for row in parsed(answer)["predictions"]]


@pytest.fixture
def expected(predict_image: Handler, event: dict[str, Any]) -> list[float]:
    """What the pictures get as rows of one request."""
    cells = [base64.b64encode(data).decode() for data in PICTURES.values()]
    return predictions(predict_image(event | {"body": orjson.dumps(cells).decode()}))


@pytest.mark.parametrize(("number", "kind"), list(enumerate(PICTURES)))
def test_a_picture_is_a_body_of_its_own(
    predict_image: Handler, event: dict[str, Any], number: int, kind: str, expected: list[float]
) -> None:
    answer = predict_image(with_picture(event, PICTURES[kind], f"image/{kind}"))

    assert parsed(answer) == {
        "model": "example",
        "version": 1,
        "predictions": [{"brightness": expected[number]}],
    }
    assert 0 < expected[number] < 1


def test_a_picture_needs_no_content_type(
    predict_image: Handler, event: dict[str, Any], expected: list[float]
) -> None:
    sent = with_picture(event, PICTURES["png"], "application/x-www-form-urlencoded")

    assert predictions(predict_image(sent)) == expected[:1]


def test_a_body_that_is_no_picture_is_a_bad_row(
    predict_image: Handler, event: dict[str, Any]
) -> None:
    answer = predict_image(with_picture(event, b"GIF89a", "image/png"))

    problem = assert_is_problem(answer, 422, "invalid-rows")
    assert problem["errors"] == [
        {
            "row": 1,
            "column": "picture",
            "expected": "a PNG, JPEG or WebP image",
            "got": "a GIF",
        }
    ]


def test_pictures_of_a_few_bytes_that_take_long_to_decode_are_too_large_together(
    predict_image: Handler, event: dict[str, Any]
) -> None:
    black = base64.b64encode(encoded(Image.new("1", (5000, 5000)))).decode()

    answer = predict_image(event | {"body": orjson.dumps([black] * 5).decode()})

    problem = assert_is_problem(answer, 413, "too-large")
    assert problem["detail"] == (
        "the body: expected images of at most 100000000 pixels in all, got 125000000; send fewer "
        "pictures at a time, or a file for batch scoring"
    )


def test_a_table_model_takes_no_picture(predict: Handler, event: dict[str, Any]) -> None:
    answer = predict(with_picture(event, PICTURES["png"], "image/png"))

    problem = assert_is_problem(answer, 415, "unsupported-media-type")
    assert problem["detail"].endswith("application/json-lines, got 'image/png'")


def test_a_picture_gets_the_same_prediction_through_every_door(
    s3: S3Client, score: Score, expected: list[float]
) -> None:
    for name, data in FILES:
        s3.put_object(Bucket="inbox", Key=f"example/{name}", Body=data or b"")
    cells = [base64.b64encode(data).decode() for data in PICTURES.values()]
    lines = b"\n".join(orjson.dumps({"picture": cell}) for cell in cells)
    s3.put_object(Bucket="inbox", Key="example/rows.jsonl", Body=lines)
    csv = "\n".join(["picture", *cells])
    s3.put_object(Bucket="inbox", Key="example/rows.csv", Body=csv.encode())
    s3.put_object(Bucket="inbox", Key="example/all.zip", Body=zipped(FILES))
    s3.put_object(Bucket="inbox", Key="example/all.tar", Body=tarred(FILES))
    s3.put_object(Bucket="inbox", Key="example/all.tar.gz", Body=tarred(FILES, mode="w:gz"))

    score()

    alone = [orjson.loads(body_of(s3, f"example/{name}.json")) for name, _ in FILES]
    assert alone == [{"brightness": value, "error": None} for value in expected]
    named = [
        {"name": name, "brightness": value, "error": None}
        for (name, _), value in zip(FILES, expected, strict=True)
    ]
    for archive in ["all.zip", "all.tar", "all.tar.gz"]:
        scored = body_of(s3, f"example/{archive}.jsonl").splitlines()
        assert [orjson.loads(line) for line in scored] == named
    for line, value in zip(body_of(s3, "example/rows.jsonl").splitlines(), expected, strict=True):
        assert orjson.loads(line)["brightness"] == value
    in_csv = body_of(s3, "example/rows.csv").decode().splitlines()[1:]
    assert [float(line.split(",")[1]) for line in in_csv] == expected


@pytest.mark.parametrize(("key", "data"), [("all.tar", tarred(MANY)), ("all.zip", zipped(MANY))])
def test_a_large_archive_is_scored_in_spans_and_put_together_in_its_order(
    s3: S3Client, score: Score, key: str, data: bytes
) -> None:
    s3.put_object(Bucket="inbox", Key=f"example/{key}", Body=data)

    score()

    manifest = manifest_of(s3, f"example/{key}")
    lines = body_of(s3, f"example/{key}.jsonl").splitlines()
    assert manifest["rows"] == {"in": 24, "ok": 24, "bad": 0}
    assert manifest["output"]["key"] == f"example/{key}.jsonl"
    assert len(manifest["output"]["parts"]) > 1
    assert [orjson.loads(line)["name"] for line in lines] == [name for name, _ in MANY]


def test_what_was_scored_is_verified_and_not_submitted_again(
    s3: S3Client, score: Score, site: Site
) -> None:
    s3.put_object(Bucket="inbox", Key="example/x.png", Body=PICTURES["png"])
    s3.put_object(Bucket="inbox", Key="example/x.zip", Body=zipped(FILES))

    score()

    verdicts = {verdict.key: verdict.status for verdict in verify(site, "example/")}
    assert verdicts == {"example/x.png": Status.VERIFIED, "example/x.zip": Status.VERIFIED}
    assert plan(site, "example/", rescore=False).files == []


def test_a_newer_picture_takes_the_older_ones_result_with_it(s3: S3Client, score: Score) -> None:
    s3.put_object(Bucket="inbox", Key="example/x.png", Body=PICTURES["png"])
    score()
    first = manifest_of(s3, "example/x.png")["output"]["version"]

    s3.put_object(Bucket="inbox", Key="example/x.png", Body=PICTURES["webp"])
    score()

    versions = s3.list_object_versions(Bucket="results", Prefix="example/x.png.json")["Versions"]
    assert [v["VersionId"] for v in versions] == [
        manifest_of(s3, "example/x.png")["output"]["version"]
    ]
    assert versions[0]["VersionId"] != first


@pytest.mark.parametrize(
    ("key", "data"), [("example/x.png", PICTURES["png"]), ("example/x.zip", zipped(FILES))]
)
def test_a_file_with_the_name_of_a_result_leaves_that_result_alone(
    s3: S3Client, score: Score, site: Site, key: str, data: bytes
) -> None:
    s3.put_object(Bucket="inbox", Key=key, Body=data)
    score()
    other = manifest_of(s3, key)["output"]["key"]

    s3.put_object(Bucket="inbox", Key=other, Body=b'{"picture": ""}\n')
    score()

    assert manifest_of(s3, other)["status"] == "failed"
    assert [verdict.status for verdict in verify(site, key)] == [Status.VERIFIED]


def test_a_file_that_is_no_picture_is_a_bad_file(s3: S3Client, score: Score) -> None:
    s3.put_object(Bucket="inbox", Key="example/x.png", Body=b"GIF89a")

    score()

    manifest = manifest_of(s3, "example/x.png")
    assert (manifest["status"], manifest["output"]) == ("failed", None)
    assert manifest["reason"] == (
        "expected a good row among 1, got none; the first is row 1: picture: expected a PNG, JPEG "
        "or WebP image, got a GIF"
    )
    assert keys(s3) == ["example/x.png.manifest.json"]
