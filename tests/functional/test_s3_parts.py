"""S3 as the storage of parts: uploads, parts that are written once, and objects made of several."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from delivery.errors import ConflictError
from delivery.job import Source
from delivery.manifest import Output, OutputPart
from delivery.part import Part
from delivery.store import Claim
from formats.row_file import RowCounts
from functions.score import s3_join
from functions.score.s3_parts import S3Parts
from functions.score.s3_results import S3Results
from functions.score.s3_upload import PART_BYTES

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "example/rows.csv"
JOB = "j" * 64
CLAIM = Claim(Source("inbox", KEY, "v1", "e1"), JOB)
MIB = 1024 * 1024
ONE_ROW = RowCounts(1, 1, 0)


@pytest.fixture
def parts(s3: S3Client) -> S3Parts:
    return S3Parts(s3, "results")


@pytest.fixture
def results(s3: S3Client) -> S3Results:
    return S3Results(s3, "results")


def upload(parts: S3Parts, start: int, *written: bytes, joins: bool = True) -> OutputPart:
    with parts.upload(CLAIM, start, joins=joins) as upload:
        for data in written:
            upload.write(data)
        return upload.finish()


def part(start: int, stop: int, data: OutputPart | None = None) -> Part:
    return Part(start, stop, is_last=False, rows=ONE_ROW, errors=(), failure=None, data=data)


def keys(s3: S3Client) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="results").get("Contents", [])]


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("joins", "key"),
    [
        (True, f".parts/example/{JOB}/data/00000000000000000007"),
        (False, f"{KEY}/{JOB}/part-00000000000000000007.parquet"),
    ],
)
def test_data_goes_where_it_will_be_joined_or_where_it_stays(
    key: str, s3: S3Client, parts: S3Parts, *, joins: bool
) -> None:
    data = upload(parts, 7, b"ab", b"", b"c", joins=joins)

    stored = s3.get_object(Bucket="results", Key=key)
    assert stored["Body"].read() == b"abc"
    assert data == OutputPart(key, stored["VersionId"], 3, sha256(b"abc"))


@pytest.mark.parametrize("last", [b"", b"the end"])
def test_large_data_goes_in_pieces_and_appears_as_one_object(
    last: bytes, s3: S3Client, parts: S3Parts
) -> None:
    written = [bytes([number]) * (3 * MIB) for number in range(6)]
    body = b"".join(written) + last

    data = upload(parts, 0, *written, last)

    stored = s3.get_object(Bucket="results", Key=str(data.key))
    assert stored["Body"].read() == body
    assert stored["ETag"].endswith(('-2"', '-3"'))
    assert (data.version, data.size, data.sha256) == (
        stored["VersionId"],
        len(body),
        sha256(body),
    )
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")


def test_content_is_known_until_some_of_it_is_sent(parts: S3Parts) -> None:
    with parts.upload(CLAIM, 0, joins=True) as upload:
        upload.write(b"x" * (PART_BYTES - 1))
        small = upload.content
        upload.write(b"x")
        large = upload.content
        upload.abort()

    assert (small, large) == (b"x" * (PART_BYTES - 1), None)


@pytest.mark.parametrize("written", [0, 3, PART_BYTES, PART_BYTES + 1])
def test_an_upload_that_is_given_up_leaves_nothing(
    written: int, s3: S3Client, parts: S3Parts
) -> None:
    def give_up() -> None:
        with parts.upload(CLAIM, 0, joins=True) as unfinished:
            unfinished.write(b"x" * written)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()

    assert keys(s3) == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")


def test_a_part_is_committed_once_and_read_back(parts: S3Parts) -> None:
    first = part(0, 8, OutputPart("key", "v1", 3, sha256(b"abc")))
    parts.commit(CLAIM, first)

    with pytest.raises(ConflictError):
        parts.commit(CLAIM, replace(first, stop=9))

    assert parts.read(CLAIM, 0) == first
    assert parts.read(CLAIM, 8) is None


def test_only_committed_parts_count(parts: S3Parts) -> None:
    for start in range(3):
        parts.commit(CLAIM, part(start, start + 1))
    upload(parts, 3, b"abc")
    parts.mark_split(CLAIM)
    parts.commit(replace(CLAIM, job="k" * 64), part(0, 8))

    assert parts.count(CLAIM) == 3
    assert parts.count(replace(CLAIM, job="l" * 64)) == 0


def test_a_job_is_known_to_be_split(parts: S3Parts) -> None:
    before = parts.was_split(CLAIM)
    parts.mark_split(CLAIM)

    assert (before, parts.was_split(CLAIM)) == (False, True)


def test_only_the_data_that_lost_goes(s3: S3Client, parts: S3Parts) -> None:
    kept, lost = upload(parts, 0, b"kept"), upload(parts, 0, b"lost")

    for _ in range(2):
        parts.discard(lost)

    stored = s3.get_object(Bucket="results", Key=str(kept.key))
    assert (stored["VersionId"], stored["Body"].read()) == (kept.version, b"kept")


def test_all_of_a_job_is_removed_but_what_its_output_is_made_of(
    s3: S3Client, parts: S3Parts, results: S3Results
) -> None:
    kept = [upload(parts, start, b"kept", joins=False) for start in range(2)]
    upload(parts, 0, b"of one who crashed", joins=False)
    upload(parts, 0, b"joined")
    parts.commit(CLAIM, part(0, 8))
    parts.mark_split(CLAIM)
    other = replace(CLAIM, job="k" * 64)
    parts.commit(other, part(0, 8))

    parts.remove(CLAIM, kept=results.folder(CLAIM, kept))

    versions = s3.list_object_versions(Bucket="results")["Versions"]
    assert [(version["Key"], version["VersionId"]) for version in versions[1:]] == [
        (part.key, part.version) for part in kept
    ]
    assert versions[0]["Key"].startswith(f".parts/example/{other.job}/")


def test_what_tells_of_a_job_is_forgotten_but_no_object_of_a_results_folder(
    s3: S3Client, parts: S3Parts
) -> None:
    staying = upload(parts, 0, b"parquet", joins=False)
    parts.commit(CLAIM, part(0, 5, staying))
    parts.mark_split(CLAIM)
    upload(parts, 5, b"joined")

    parts.forget(CLAIM)

    assert keys(s3) == [staying.key]


def test_more_is_removed_than_fits_one_request(
    s3: S3Client, parts: S3Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.score.s3_parts.REMOVED_AT_ONCE", 2)
    for start in range(5):
        parts.commit(CLAIM, part(start, start + 1))

    parts.remove(CLAIM, kept=None)

    assert keys(s3) == []


@pytest.mark.parametrize(
    "sizes",
    [
        [6, 6, 2],
        [1],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 20, 1, 5],
        [0, 6, 0, 1],
    ],
    ids=str,
)
def test_parts_of_any_size_become_one_object(
    sizes: list[int], s3: S3Client, parts: S3Parts, results: S3Results
) -> None:
    bodies = [bytes([65 + number]) * (size * MIB) for number, size in enumerate(sizes)]
    data = [upload(parts, start, body) for start, body in enumerate(bodies)]

    output = results.join(CLAIM, data)

    stored = s3.get_object(Bucket="results", Key=KEY)
    assert stored["Body"].read() == b"".join(bodies)
    assert stored["Metadata"] == {"job": JOB, "bucket": "inbox", "version": "v1", "etag": "e1"}
    assert output == Output(
        "results",
        KEY,
        stored["VersionId"],
        sum(sizes) * MIB,
        None,
        tuple(OutputPart(None, None, len(body), sha256(body)) for body in bodies),
    )


def test_what_s3_copies_in_one_piece_has_its_limits_too(
    s3: S3Client, parts: S3Parts, results: S3Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_join, "MAX_BYTES", 8 * MIB)
    body = bytes(range(256)) * (21 * MIB // 256)

    results.join(CLAIM, [upload(parts, 0, body)])

    assert s3.get_object(Bucket="results", Key=KEY)["Body"].read() == body


@pytest.mark.parametrize("spoil", ["removed", "small and removed"])
def test_parts_that_somebody_removed_meanwhile_are_not_joined(
    spoil: str, s3: S3Client, parts: S3Parts, results: S3Results
) -> None:
    sizes = {"removed": 6, "small and removed": 1}
    data = [upload(parts, start, b"x" * (sizes[spoil] * MIB)) for start in range(2)]
    parts.remove(CLAIM, kept=None)

    with pytest.raises(ConflictError):
        results.join(CLAIM, data)

    assert keys(s3) == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")


def test_only_parts_that_stay_objects_are_named_by_key(parts: S3Parts, results: S3Results) -> None:
    data = [upload(parts, start, b"abc", joins=False) for start in range(2)]

    assert results.folder(CLAIM, data) == Output(
        "results", f"{KEY}/{JOB}/", None, 6, None, tuple(data)
    )


def test_a_fault_in_a_join_leaves_no_upload(
    s3: S3Client, parts: S3Parts, results: S3Results
) -> None:
    data = [upload(parts, start, b"x" * (6 * MIB)) for start in range(2)]

    def fail(**_: object) -> None:
        raise ConnectionError("a cable was cut")

    s3.meta.events.register("before-send.s3.UploadPartCopy", fail)

    with pytest.raises(ConnectionError, match="a cable was cut"):
        results.join(CLAIM, data)

    assert "Uploads" not in s3.list_multipart_uploads(Bucket="results")
