"""The data plane refuses a function what its role does not allow, and nobody else anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from werkzeug.test import Client
from werkzeug.wrappers import Response

from iam.access import Access, Need
from iam.recording import from_lines
from local.authorization import Authorization
from local.data_plane import DataPlane
from local.port import Port

READER, LISTER = "reader", "lister"
BUCKET = "results"
MAY_READ = {
    "Effect": "Allow",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::results/housing/*",
}
MAY_LIST = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::results"}

ClientOf = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recorded") / "calls"


@pytest.fixture(scope="module")
def guarded(calls: Path) -> Iterator[DataPlane]:
    """With a bucket that holds an object of each of two models."""
    with DataPlane(Port(0, "AWS_PORT"), calls=calls) as data_plane:
        data_plane.s3().create_bucket(Bucket=BUCKET)
        for key in ("housing/rows.csv", "digits/rows.csv"):
            data_plane.s3().put_object(Bucket=BUCKET, Key=key, Body=b"x_0\n1\n")
        data_plane.authorize({READER: [MAY_READ], LISTER: [MAY_READ, MAY_LIST]})
        yield data_plane


@pytest.fixture
def client_of(guarded: DataPlane) -> ClientOf:
    """A client of a service with a function's key."""

    def client(service: str, function: str) -> Any:  # noqa: ANN401 - any client
        make_client: Any = boto3.client
        return make_client(
            service,
            region_name="us-east-1",
            aws_access_key_id=function,
            aws_secret_access_key=function,
            endpoint_url=guarded.endpoint,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def test_a_function_may_what_its_role_allows(client_of: ClientOf) -> None:
    answer = client_of("s3", READER).get_object(Bucket=BUCKET, Key="housing/rows.csv")

    assert answer["Body"].read() == b"x_0\n1\n"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_object", {"Key": "digits/rows.csv"}),
        ("put_object", {"Key": "housing/rows.csv", "Body": b"x"}),
        ("delete_objects", {"Delete": {"Objects": [{"Key": "housing/rows.csv"}]}}),
        ("list_objects_v2", {"Prefix": "housing/"}),
    ],
)
def test_s3_refuses_what_no_statement_allows(
    client_of: ClientOf, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(client_of("s3", READER), operation)(Bucket=BUCKET, **parameters)

    assert refused(raised) == (403, "AccessDenied")


def test_what_was_refused_has_not_happened(client_of: ClientOf, guarded: DataPlane) -> None:
    with pytest.raises(ClientError):
        client_of("s3", READER).delete_object(Bucket=BUCKET, Key="housing/rows.csv")

    kept = guarded.s3().get_object(Bucket=BUCKET, Key="housing/rows.csv")
    assert kept["Body"].read() == b"x_0\n1\n"


def test_so_do_services_that_speak_json(client_of: ClientOf, guarded: DataPlane) -> None:
    url = guarded.sqs().create_queue(QueueName="queue")["QueueUrl"]

    with pytest.raises(ClientError) as raised:
        client_of("sqs", READER).send_message(QueueUrl=url, MessageBody="x")

    assert refused(raised) == (403, "AccessDeniedException")


@pytest.mark.parametrize(
    ("function", "answer"), [(READER, (403, "AccessDenied")), (LISTER, (404, "NoSuchKey"))]
)
def test_only_who_may_list_is_told_that_nothing_is_there(
    client_of: ClientOf, function: str, answer: tuple[int, str]
) -> None:
    with pytest.raises(ClientError) as raised:
        client_of("s3", function).get_object(Bucket=BUCKET, Key="housing/gone.csv")

    assert refused(raised) == answer


def test_a_head_is_refused_without_a_body(client_of: ClientOf) -> None:
    with pytest.raises(ClientError) as raised:
        client_of("s3", READER).head_object(Bucket=BUCKET, Key="housing/gone.csv")

    assert refused(raised) == (403, "403")


def test_any_other_key_opens_everything(client_of: ClientOf, guarded: DataPlane) -> None:
    client_of("s3", "somebody").put_object(Bucket=BUCKET, Key="digits/new.csv", Body=b"x")

    assert guarded.s3().head_object(Bucket=BUCKET, Key="digits/new.csv")["ContentLength"] == 1


def test_a_refusal_is_told_without_the_objects_key(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    statements = tmp_path / "statements"
    statements.write_text(json.dumps({READER: [MAY_READ]}))
    client = Client(Authorization(Response("an object"), statements))

    answer = client.put(
        "/results/housing/rows.csv",
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={READER}/2026/us-east-1/s3"},
    )

    assert answer.status_code == 403
    assert caplog.messages == ["reader: its role does not allow s3:PutObject"]


def test_what_functions_did_is_written_down_and_nothing_else(
    client_of: ClientOf, guarded: DataPlane, calls: Path
) -> None:
    calls.unlink(missing_ok=True)
    guarded.s3().get_object(Bucket=BUCKET, Key="housing/rows.csv")
    client_of("s3", LISTER).head_object(Bucket=BUCKET, Key="housing/rows.csv")

    recording = from_lines(calls.read_text().splitlines())

    need = Need("s3:GetObject", "arn:aws:s3:::results/housing/rows.csv")
    assert {access: recording.operations(access) for access in recording} == {
        Access(LISTER, need): {"HeadObject": 1}
    }
