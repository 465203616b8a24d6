"""S3 as the storage of a delivery: versions, conditions, parts, and what it answers to trouble."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from delivery.errors import ConflictError, SourceGoneError, SupersededError
from delivery.job import Source
from delivery.manifest import Manifest, ModelIdentity, Output, Timings
from delivery.store import Claim, StoredOutput
from formats.row_file import RowCounts
from functions.score.s3_inbox import CHUNK_BYTES, S3Inbox
from functions.score.s3_results import S3Results

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "example/rows.csv"
SOURCE = Source("inbox", KEY, "v1", "e1")
CLAIM = Claim(SOURCE, "j" * 64)


@pytest.fixture
def inbox(s3: S3Client) -> S3Inbox:
    return S3Inbox(s3, "inbox")


@pytest.fixture
def results(s3: S3Client) -> S3Results:
    return S3Results(s3, "results")


@pytest.fixture
def unversioned(s3: S3Client) -> S3Inbox:
    s3.create_bucket(Bucket="unversioned")
    return S3Inbox(s3, "unversioned")


def put(s3: S3Client, body: bytes, *, key: str = KEY, bucket: str = "inbox") -> str:
    answer: Any = s3.put_object(Bucket=bucket, Key=key, Body=body)
    return str(answer.get("VersionId"))


def etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def read(inbox: S3Inbox, source: Source) -> tuple[Source, bytes]:
    opened = inbox.open(source)
    return opened.source, b"".join(opened.stream())


def manifest(job: str = "j" * 64) -> Manifest:
    return Manifest(
        job=job,
        status="failed",
        source=SOURCE,
        model=ModelIdentity("example", 1, "d" * 64),
        rows=RowCounts(),
        errors=(),
        reason="none of its rows is good",
        output=None,
        timings=Timings("2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:01.000+00:00"),
    )


def keys(s3: S3Client, bucket: str = "results") -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_the_announced_version_is_read_although_it_was_overwritten(
    s3: S3Client, inbox: S3Inbox
) -> None:
    version = put(s3, b"first")
    put(s3, b"second")

    assert read(inbox, Source("inbox", KEY, version, None)) == (
        Source("inbox", KEY, version, etag(b"first")),
        b"first",
    )


def test_without_a_version_the_announced_bytes_are_read(s3: S3Client, inbox: S3Inbox) -> None:
    version = put(s3, b"first")

    assert read(inbox, Source("inbox", KEY, None, etag(b"first"))) == (
        Source("inbox", KEY, version, etag(b"first")),
        b"first",
    )


def test_without_version_and_etag_what_is_there_is_read_and_named(
    s3: S3Client, inbox: S3Inbox
) -> None:
    version = put(s3, b"first")

    assert read(inbox, Source("inbox", KEY, None, None)) == (
        Source("inbox", KEY, version, etag(b"first")),
        b"first",
    )


def test_an_object_without_versions_is_known_by_its_etag(
    s3: S3Client, unversioned: S3Inbox
) -> None:
    put(s3, b"first", bucket="unversioned")

    source = Source("unversioned", KEY, None, etag(b"first"))

    assert read(unversioned, source) == (source, b"first")


def test_other_bytes_than_the_announced_are_not_read(s3: S3Client, unversioned: S3Inbox) -> None:
    put(s3, b"second", bucket="unversioned")

    with pytest.raises(SupersededError):
        read(unversioned, Source("unversioned", KEY, None, etag(b"first")))


def test_a_large_object_is_read_in_chunks(s3: S3Client, inbox: S3Inbox) -> None:
    body = bytes(range(256)) * 4096 * 3
    version = put(s3, body)

    chunks = list(inbox.open(Source("inbox", KEY, version, None)).stream())

    assert b"".join(chunks) == body
    assert max(map(len, chunks)) <= CHUNK_BYTES


@pytest.mark.parametrize("start", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_an_object_is_read_from_any_of_its_bytes(start: int, s3: S3Client, inbox: S3Inbox) -> None:
    body = bytes(range(256)) * (2 * CHUNK_BYTES // 256)
    opened = inbox.open(Source("inbox", KEY, put(s3, body), None))

    assert opened.size == len(body)
    assert b"".join(opened.stream(start)) == body[start:]
    assert opened.read(start // 2, start + 1) == body[start // 2 : start + 1]


@pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "unversioned"])
def test_what_is_read_never_changes_in_between(
    s3: S3Client, inbox: S3Inbox, unversioned: S3Inbox, *, versioned: bool
) -> None:
    here = inbox if versioned else unversioned
    version = put(s3, b"first", bucket=here.name) if versioned else None
    put(s3, b"first", bucket=here.name)
    opened = here.open(Source(here.name, KEY, version, etag(b"first")))

    put(s3, b"second", bucket=here.name)

    if versioned:
        assert b"".join(opened.stream()) == b"first"
    else:
        with pytest.raises(SupersededError):
            list(opened.stream())


@pytest.mark.parametrize("version", ["6d1b8e5e-0000-4000-8000-000000000000", None])
def test_an_object_that_never_was_is_gone(version: str | None, inbox: S3Inbox) -> None:
    with pytest.raises(SourceGoneError):
        read(inbox, Source("inbox", KEY, version, None))


def test_a_version_that_was_deleted_is_gone(s3: S3Client, inbox: S3Inbox) -> None:
    version = put(s3, b"first")
    put(s3, b"second")
    s3.delete_object(Bucket="inbox", Key=KEY, VersionId=version)

    with pytest.raises(SourceGoneError):
        read(inbox, Source("inbox", KEY, version, etag(b"first")))


def test_an_object_under_a_delete_marker_is_gone_but_its_version_is_not(
    s3: S3Client, inbox: S3Inbox
) -> None:
    version = put(s3, b"first")
    marker = s3.delete_object(Bucket="inbox", Key=KEY)["VersionId"]

    assert read(inbox, Source("inbox", KEY, version, None))[1] == b"first"
    for gone in [None, marker]:
        with pytest.raises(SourceGoneError):
            read(inbox, Source("inbox", KEY, gone, None))


@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_later_is_what_the_bucket_lists_first(page_size: int, s3: S3Client, inbox: S3Inbox) -> None:
    def small_pages(params: dict[str, Any], **_: object) -> None:
        params["MaxKeys"] = page_size

    s3.meta.events.register("provide-client-params.s3.ListObjectVersions", small_pages)
    versions = []
    for number in range(4):
        put(s3, b"", key="example/rows.cs")
        put(s3, b"", key=KEY + ".more")
        versions.append(put(s3, str(number).encode()))

    assert all(
        inbox.is_later(version, other, key=KEY) == (place > others_place)
        for place, version in enumerate(versions)
        for others_place, other in enumerate(versions)
        if version != other
    )


def test_a_version_that_is_gone_is_earlier_than_any(s3: S3Client, inbox: S3Inbox) -> None:
    there = put(s3, b"first")
    gone = put(s3, b"second")
    s3.delete_object(Bucket="inbox", Key=KEY, VersionId=gone)

    assert inbox.is_later(there, gone, key=KEY)
    assert not inbox.is_later(gone, there, key=KEY)
    assert not inbox.is_later(gone, "another that is gone", key=KEY)


def test_a_small_output_is_one_object_that_tells_what_it_is(
    s3: S3Client, results: S3Results
) -> None:
    output = results.put(CLAIM, b"abc")

    stored = s3.get_object(Bucket="results", Key=KEY)
    assert stored["Body"].read() == b"abc"
    assert stored["Metadata"] == {"job": "j" * 64, "bucket": "inbox", "version": "v1", "etag": "e1"}
    assert output == Output(
        "results", KEY, stored["VersionId"], 3, hashlib.sha256(b"abc").hexdigest()
    )


def test_an_output_may_be_empty(s3: S3Client, results: S3Results) -> None:
    output = results.put(CLAIM, b"")

    assert s3.get_object(Bucket="results", Key=KEY)["Body"].read() == b""
    assert (output.size, output.sha256) == (0, hashlib.sha256(b"").hexdigest())


def test_outputs_are_told_by_their_claims(s3: S3Client, results: S3Results) -> None:
    without_version = Claim(Source("inbox", KEY, None, "e2"), "k" * 64)
    first = results.put(CLAIM, b"first")
    kept = results.put(CLAIM, b"kept")
    second = results.put(without_version, b"second")
    put(s3, b"not ours", bucket="results")
    results.put(Claim(Source("inbox", KEY + ".more", "v1", "e1"), "j" * 64), b"")

    assert list(results.outputs(KEY, besides=kept)) == [
        StoredOutput(str(second.version), without_version),
        StoredOutput(str(first.version), CLAIM),
    ]


def test_an_output_that_vanishes_meanwhile_is_no_output(s3: S3Client, results: S3Results) -> None:
    vanishing = results.put(CLAIM, b"first")
    results.put(CLAIM, b"second")
    outputs = iter(results.outputs(KEY, besides=None))
    next(outputs)
    s3.delete_object(Bucket="results", Key=KEY, VersionId=str(vanishing.version))

    assert list(outputs) == []


def test_an_unversioned_bucket_tells_no_outputs(s3: S3Client) -> None:
    s3.create_bucket(Bucket="unversioned")
    results = S3Results(s3, "unversioned")

    output = results.put(CLAIM, b"only")

    assert output.version is None
    assert list(results.outputs(KEY, besides=None)) == []


def test_only_the_discarded_version_goes(s3: S3Client, results: S3Results) -> None:
    kept = results.put(CLAIM, b"kept")
    discarded = StoredOutput(str(results.put(CLAIM, b"discarded").version), CLAIM)

    for _ in range(2):
        results.discard(discarded)

    stored = s3.get_object(Bucket="results", Key=KEY)
    assert (stored["VersionId"], stored["Body"].read()) == (kept.version, b"kept")
    assert [o.version for o in results.outputs(KEY, besides=None)] == [kept.version]


def test_there_is_no_manifest_before_one_is_written(results: S3Results) -> None:
    assert results.read_manifest(KEY) is None


def test_a_manifest_is_written_where_there_is_none_and_read_back(
    s3: S3Client, results: S3Results
) -> None:
    results.write_manifest(manifest(), replacing=None)

    stored = results.read_manifest(KEY)
    assert stored is not None
    assert stored.manifest == manifest()
    assert keys(s3) == [KEY + ".manifest.json"]


def test_a_manifest_that_is_there_is_not_overwritten_unseen(results: S3Results) -> None:
    results.write_manifest(manifest("first"), replacing=None)

    with pytest.raises(ConflictError, match=r"^second: another manifest was written$"):
        results.write_manifest(manifest("second"), replacing=None)

    stored = results.read_manifest(KEY)
    assert stored is not None
    assert stored.manifest.job == "first"


def test_only_the_manifest_that_was_read_is_replaced(results: S3Results) -> None:
    results.write_manifest(manifest("first"), replacing=None)
    first = results.read_manifest(KEY)
    results.write_manifest(manifest("second"), replacing=first)

    with pytest.raises(ConflictError):
        results.write_manifest(manifest("third"), replacing=first)

    stored = results.read_manifest(KEY)
    assert stored is not None
    assert stored.manifest.job == "second"


def test_a_manifest_that_is_gone_is_not_replaced(s3: S3Client, results: S3Results) -> None:
    results.write_manifest(manifest("first"), replacing=None)
    first = results.read_manifest(KEY)
    s3.delete_object(Bucket="results", Key=KEY + ".manifest.json")

    with pytest.raises(ConflictError):
        results.write_manifest(manifest("second"), replacing=first)

    assert results.read_manifest(KEY) is None


def test_a_bucket_that_is_not_there_is_a_fault_and_nothing_else(s3: S3Client) -> None:
    results = S3Results(s3, "never-created")

    calls: list[Callable[[], object]] = [
        lambda: read(S3Inbox(s3, "never-created"), SOURCE),
        lambda: results.read_manifest(KEY),
        lambda: results.write_manifest(manifest(), replacing=None),
        lambda: results.put(CLAIM, b"abc"),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="NoSuchBucket"):
            call()
