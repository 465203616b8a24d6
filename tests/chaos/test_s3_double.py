"""The double of S3 answers as S3 itself was recorded to, where moto does not.

https://github.com/localstack/localstack, tests/aws/services/s3/test_s3_api.snapshot.json,
TestS3ObjectWritePrecondition; the rest is the API's reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from chaos.cloud import Cloud

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

AT: Any = {"Bucket": "results", "Key": "folder/a b+c.csv"}
PART = b"x" * 64


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def body_of(s3: S3Client, **which: str) -> bytes:
    return s3.get_object(**AT, **which)["Body"].read()


def begin(s3: S3Client) -> dict[str, Any]:
    return AT | {"UploadId": s3.create_multipart_upload(**AT)["UploadId"]}


def upload(s3: S3Client, *bodies: bytes) -> dict[str, Any]:
    """All that completing takes."""
    begun = begin(s3)
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**begun, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(bodies, start=1)
    ]
    return begun | {"MultipartUpload": {"Parts": parts}}


def test_an_object_comes_back_with_what_was_told_of_it(s3: S3Client) -> None:
    put = s3.put_object(**AT, Body=b"abc", Metadata={"job": "1"}, ContentType="text/csv")

    got = s3.get_object(**AT)

    assert (got["Body"].read(), got["Metadata"], got["ContentType"]) == (
        b"abc",
        {"job": "1"},
        "text/csv",
    )
    assert (got["VersionId"], got["ETag"]) == (put["VersionId"], put["ETag"])
    assert put["ETag"] == '"900150983cd24fb0d6963f7d28e17f72"'


def test_an_unversioned_object_has_no_version_to_tell(s3: S3Client) -> None:
    put = s3.put_object(Bucket="inbox", Key="a", Body=b"abc")

    assert "VersionId" not in put
    assert "VersionId" not in s3.head_object(Bucket="inbox", Key="a")


@pytest.mark.parametrize(
    ("wanted", "got"),
    [("bytes=1-2", b"bc"), ("bytes=1-", b"bcde"), ("bytes=-2", b"de"), ("bytes=3-99", b"de")],
)
def test_a_range_is_a_range_of_bytes(s3: S3Client, wanted: str, got: bytes) -> None:
    s3.put_object(**AT, Body=b"abcde")

    assert body_of(s3, Range=wanted) == got


def test_a_range_behind_the_end_is_none(s3: S3Client) -> None:
    s3.put_object(**AT, Body=b"abc")

    with pytest.raises(ClientError) as error:
        s3.get_object(**AT, Range="bytes=3-5")

    assert refused(error) == (416, "InvalidRange")


def test_versions_are_kept_and_listed_from_the_latest_to_the_first(s3: S3Client) -> None:
    versions = [s3.put_object(**AT, Body=body)["VersionId"] for body in (b"1", b"2", b"3")]
    marker = s3.delete_object(**AT)["VersionId"]

    page = s3.list_object_versions(Bucket="results")

    assert [v["VersionId"] for v in page["Versions"]] == versions[::-1]
    assert [(m["VersionId"], m["IsLatest"]) for m in page["DeleteMarkers"]] == [(marker, True)]
    assert body_of(s3, VersionId=versions[0]) == b"1"


def test_pages_of_versions_continue_where_they_stopped(s3: S3Client) -> None:
    versions = [s3.put_object(**AT, Body=body)["VersionId"] for body in (b"1", b"2", b"3")]
    s3.put_object(Bucket="results", Key="later", Body=b"")

    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket="results", PaginationConfig={"PageSize": 2}
    )

    found = [entry for page in pages for entry in page["Versions"]]
    assert [entry["VersionId"] for entry in found[:3]] == versions[::-1]
    assert [entry["Key"] for entry in found] == [AT["Key"]] * 3 + ["later"]


def test_pages_of_objects_are_in_the_order_of_their_bytes(s3: S3Client) -> None:
    for key in ["b", "é", "a", "a/1", "B"]:
        s3.put_object(Bucket="results", Key=key, Body=b"")

    pages = [
        *s3.get_paginator("list_objects_v2").paginate(
            Bucket="results", PaginationConfig={"PageSize": 2}
        )
    ]

    assert [entry["Key"] for page in pages for entry in page["Contents"]] == [
        "B",
        "a",
        "a/1",
        "b",
        "é",
    ]
    assert [page["KeyCount"] for page in pages] == [2, 2, 1]


@pytest.mark.parametrize(
    ("which", "code"),
    [({}, (404, "NoSuchKey")), ({"VersionId": "none"}, (404, "NoSuchVersion"))],
)
def test_what_is_missing_is_not_found(
    s3: S3Client, which: dict[str, str], code: tuple[int, str]
) -> None:
    with pytest.raises(ClientError) as error:
        s3.get_object(**AT, **which)

    assert refused(error) == code


def test_a_delete_marker_is_no_object(s3: S3Client) -> None:
    s3.put_object(**AT, Body=b"abc")
    marker = s3.delete_object(**AT)["VersionId"]

    with pytest.raises(ClientError) as missing:
        s3.get_object(**AT)
    with pytest.raises(ClientError) as no_content:
        s3.get_object(**AT, VersionId=marker)

    assert refused(missing) == (404, "NoSuchKey")
    assert refused(no_content) == (405, "MethodNotAllowed")


def test_a_version_that_is_removed_leaves_the_others(s3: S3Client) -> None:
    first, second = (s3.put_object(**AT, Body=body)["VersionId"] for body in (b"1", b"2"))

    s3.delete_objects(
        Bucket="results",
        Delete={"Objects": [{"Key": AT["Key"], "VersionId": second}], "Quiet": True},
    )

    assert body_of(s3) == b"1"
    s3.delete_object(**AT, VersionId=first)
    assert "Versions" not in s3.list_object_versions(Bucket="results")


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({"IfNoneMatch": "*"}, (412, "PreconditionFailed")),
        ({"IfMatch": '"other"'}, (412, "PreconditionFailed")),
        ({"IfNoneMatch": '"other"'}, (501, "NotImplemented")),
        ({"IfMatch": "*"}, (501, "NotImplemented")),
        ({"IfMatch": '"other"', "IfNoneMatch": "*"}, (501, "NotImplemented")),
    ],
)
def test_a_conditional_write_meets_an_object(
    s3: S3Client, condition: dict[str, str], answer: tuple[int, str]
) -> None:
    s3.put_object(**AT, Body=b"there")

    with pytest.raises(ClientError) as error:
        s3.put_object(**AT, Body=b"new", **condition)

    assert refused(error) == answer
    assert body_of(s3) == b"there"


def test_a_conditional_write_meets_no_object(s3: S3Client) -> None:
    with pytest.raises(ClientError) as error:
        s3.put_object(**AT, Body=b"new", IfMatch='"other"')

    assert refused(error) == (404, "NoSuchKey")
    tag = s3.put_object(**AT, Body=b"new", IfNoneMatch="*")["ETag"]
    s3.put_object(**AT, Body=b"newer", IfMatch=tag)
    s3.delete_object(**AT)
    s3.put_object(**AT, Body=b"again", IfNoneMatch="*")
    assert body_of(s3) == b"again"


def test_an_upload_in_parts_is_seen_once_it_is_complete(s3: S3Client) -> None:
    complete = upload(s3, PART, b"end")

    with pytest.raises(ClientError):
        s3.get_object(**AT)
    s3.complete_multipart_upload(**complete)

    assert body_of(s3) == PART + b"end"
    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**complete)
    assert refused(error) == (404, "NoSuchUpload")


def test_parts_but_for_the_last_have_a_least_size(s3: S3Client) -> None:
    complete = upload(s3, b"short", b"end")

    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**complete)

    assert refused(error) == (400, "EntityTooSmall")


def test_a_part_must_be_the_one_that_was_uploaded(s3: S3Client) -> None:
    complete = upload(s3, PART)
    complete["MultipartUpload"]["Parts"][0]["ETag"] = '"other"'

    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**complete)

    assert refused(error) == (400, "InvalidPart")


def test_an_upload_that_is_given_up_is_gone(s3: S3Client) -> None:
    begun = begin(s3)

    s3.abort_multipart_upload(**begun)

    with pytest.raises(ClientError) as error:
        s3.upload_part(**begun, PartNumber=1, Body=b"")
    assert refused(error) == (404, "NoSuchUpload")


@pytest.mark.parametrize(
    ("meanwhile", "condition", "answer"),
    [
        ("put", {"IfNoneMatch": "*"}, (412, "PreconditionFailed")),
        ("put and delete", {"IfNoneMatch": "*"}, (409, "ConditionalRequestConflict")),
        ("put", {"IfMatch": '"old"'}, (412, "PreconditionFailed")),
        ("put", {"IfMatch": '"900150983cd24fb0d6963f7d28e17f72"'}, (409, "ConditionalRequest")),
    ],
)
def test_completing_meets_what_was_written_meanwhile(
    s3: S3Client, meanwhile: str, condition: dict[str, str], answer: tuple[int, str]
) -> None:
    complete = upload(s3, PART)
    s3.put_object(**AT, Body=b"abc")
    if meanwhile == "put and delete":
        s3.delete_object(**AT)

    with pytest.raises(ClientError) as error:
        s3.complete_multipart_upload(**complete, **condition)

    status, code = refused(error)
    assert (status, code[: len(answer[1])]) == answer


def test_a_copied_part_is_a_range_of_one_version(s3: S3Client) -> None:
    source = {"Bucket": "results", "Key": "source é"}
    first = s3.put_object(**source, Body=b"a" * 32 + b"b" * 64)["VersionId"]
    s3.put_object(**source, Body=b"other")
    begun = begin(s3)

    copied = s3.upload_part_copy(
        **begun,
        PartNumber=1,
        CopySource=source | {"VersionId": first},
        CopySourceRange="bytes=32-95",
    )

    part: Any = {"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}
    s3.complete_multipart_upload(**begun, MultipartUpload={"Parts": [part]})
    assert body_of(s3) == b"b" * 64


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"CopySourceRange": "bytes=0-9"}, (400, "InvalidArgument")),
        ({"CopySourceIfMatch": '"other"'}, (412, "PreconditionFailed")),
        ({"CopySource": {"Bucket": "results", "Key": "none"}}, (404, "NoSuchKey")),
    ],
)
def test_a_copy_that_cannot_be_made_is_refused(
    s3: S3Client, change: dict[str, object], answer: tuple[int, str]
) -> None:
    s3.put_object(Bucket="results", Key="source", Body=b"abc")
    copy: Any = {"CopySource": {"Bucket": "results", "Key": "source"}} | change

    with pytest.raises(ClientError) as error:
        s3.upload_part_copy(**begin(s3), PartNumber=1, **copy)

    assert refused(error) == answer


def test_what_the_double_does_not_know_it_refuses(s3: S3Client) -> None:
    with pytest.raises(ClientError) as error:
        s3.get_object_tagging(**AT)

    assert refused(error) == (501, "NotImplemented")


def test_new_objects_in_the_inbox_are_announced(s3: S3Client, cloud: Cloud) -> None:
    s3.put_object(Bucket="inbox", Key="a b/é+.csv", Body=b"abc")

    told = cloud.notifications.under_way[0]

    assert told["eventName"] == "ObjectCreated:Put"
    assert told["s3"]["object"] == {
        "key": "a+b/%C3%A9%2B.csv",
        "size": 3,
        "eTag": "900150983cd24fb0d6963f7d28e17f72",
        "sequencer": "0000019B76DAA800",
    }
