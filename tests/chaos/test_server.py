"""The same S3 behind a socket, with its bytes in files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chaos.bucket import Bucket, Version
from chaos.object_store import ObjectStore
from chaos.server import SMALL_BYTES, S3Server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AT: Any = {"Bucket": "results", "Key": "a b.csv"}
LARGE = os.urandom(SMALL_BYTES + 1)


@pytest.fixture
def store() -> ObjectStore:
    store = ObjectStore(minimum_part_bytes=SMALL_BYTES)
    store.create_bucket("results", versioned=True)
    return store


@pytest.fixture
def s3(store: ObjectStore, tmp_path: Path) -> Iterator[S3Client]:
    with S3Server(0, tmp_path, store) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        client = boto3.client(
            "s3",
            region_name="eu-central-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
            endpoint_url=server.url,
        )
        yield client
        client.close()
        server.shutdown()
        thread.join()


def test_bodies_of_any_size_come_back(s3: S3Client) -> None:
    for body in (b"", b"small", LARGE):
        s3.put_object(**AT, Body=body)

        assert s3.get_object(**AT)["Body"].read() == body


def test_a_range_is_read_from_the_file(s3: S3Client) -> None:
    s3.put_object(**AT, Body=LARGE)

    answer = s3.get_object(**AT, Range="bytes=70-1069")

    assert answer["Body"].read() == LARGE[70:1070]
    assert answer["ContentRange"] == f"bytes 70-1069/{len(LARGE)}"


def test_parts_that_are_copied_and_sent_make_one_object(s3: S3Client) -> None:
    source: Any = {"Bucket": "results", "Key": "source"}
    s3.put_object(**source, Body=LARGE)
    begun = AT | {"UploadId": s3.create_multipart_upload(**AT)["UploadId"]}
    copied = s3.upload_part_copy(
        **begun, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=1-{SMALL_BYTES}"
    )
    sent = s3.upload_part(**begun, PartNumber=2, Body=b"end")

    tags = [copied["CopyPartResult"]["ETag"], sent["ETag"]]
    parts: Any = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, start=1)]
    s3.complete_multipart_upload(**begun, MultipartUpload={"Parts": parts})

    s3.delete_object(**source)
    assert s3.get_object(**AT)["Body"].read() == LARGE[1:] + b"end"


def test_the_disk_gets_back_what_is_removed(s3: S3Client, tmp_path: Path) -> None:
    version = s3.put_object(**AT, Body=LARGE)["VersionId"]

    s3.delete_object(**AT, VersionId=version)

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(**AT)


def test_new_objects_are_announced(s3: S3Client, store: ObjectStore) -> None:
    told: list[tuple[str, str, str]] = []

    def announce(event: str, bucket: Bucket, key: str, _: Version) -> None:
        told.append((event, bucket.name, key))

    store.announce = announce
    s3.put_object(**AT, Body=b"")

    assert told == [("ObjectCreated:Put", "results", "a b.csv")]
