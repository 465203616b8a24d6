"""`verify`, from what is in the buckets to what it says and its code."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from delivery.manifest import Output, OutputPart
from operations.verification import Status, verify

if TYPE_CHECKING:
    from tests.operations.conftest import Stage

KEY = "housing/rows.csv"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def slices(*bodies: bytes) -> tuple[OutputPart, ...]:
    return tuple(OutputPart(None, None, len(body), sha256(body)) for body in bodies)


def parquet(rows: int) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"price": list(range(rows))}), file)
    return file.getvalue()


def zstd(body: bytes) -> bytes:
    compressed: bytes = pa.compress(body, codec="zstd", asbytes=True)
    return compressed


def test_a_result_that_is_what_its_manifest_says_is_verified(stage: Stage) -> None:
    manifest = stage.score(KEY, b"a,price,error\n1,2.5,\n2,3.5,\n", rows=2)

    assert stage.run("verify", KEY) == (
        0,
        f"verified  {KEY}  2 rows, 0 bad; version {manifest.source.version}\n",
        "1 of 1 verified\n",
    )


@pytest.mark.parametrize(
    ("key", "scored", "rows"),
    [
        ("housing/quoted.csv", b'a,price,error\r\n"1,\n""2",2.5,\r\n\r\n5" pipe,,bad', 2),
        ("housing/none.csv", b"a,price,error\n", 0),
        ("housing/bom.csv", b'\xef\xbb\xbf"a\n",price,error\n1,2.5,\n', 1),
        ("housing/ENDING.CSV", b"a,price,error\n1,2.5,\n", 1),
        ("housing/lines.jsonl", b'{"a":1,"price":2.5,"error":null}\n \n{"a":2}', 2),
        ("housing/none.jsonl", b"", 0),
        ("housing/rows.parquet", parquet(3), 3),
        (
            "housing/rows.csv.gz",
            gzip.compress(b"a,error\n1,\n", mtime=0) + gzip.compress(b"2,\n", mtime=0),
            2,
        ),
        ("housing/rows.csv.zst", zstd(b"a,error\n1,\n") + zstd(b"2,\n"), 2),
        ("housing/rows.jsonl.gz", gzip.compress(b'{"a":1}\n' * 3, mtime=0), 3),
        ("housing/rows.jsonl.zst", zstd(b'{"a":1}\n' * 300_000), 300_000),
    ],
)
def test_rows_are_counted_as_they_were_scored(
    stage: Stage, key: str, scored: bytes, rows: int
) -> None:
    stage.score(key, scored, rows=rows)

    code, said, _ = stage.run("verify", key)

    assert (code, said.partition("  ")[0]) == (0, "verified")


def test_every_file_under_a_prefix_has_its_line_in_the_order_of_keys(stage: Stage) -> None:
    verified = stage.score("housing/2026/a.csv")
    failed = stage.put_manifest(stage.upload("housing/2026/c.csv"))
    stage.upload("housing/2026/b.csv")
    stage.upload("housing/2026/_SUCCESS")
    stage.upload("housing/2025/a.csv")

    code, said, summed_up = stage.run("verify", "housing/2026/")

    a, c = verified.source.version, failed.source.version
    assert said.splitlines() == [
        f"verified  housing/2026/a.csv  1 row, 0 bad; version {a}",
        "unscored  housing/2026/b.csv  in the inbox, and not scored yet",
        f"failed    housing/2026/c.csv  expected a header, got none; version {c}",
    ]
    assert (code, summed_up) == (1, "1 of 3 verified\n")


def test_a_key_is_no_prefix_where_there_is_such_a_file(stage: Stage) -> None:
    stage.score("housing/rows.csv")
    stage.upload("housing/rows.csv.old.csv")

    assert stage.run("verify", "housing/rows.csv")[0] == 0


def test_what_names_nothing_is_refused(stage: Stage) -> None:
    assert stage.run("verify", "housing/rows") == (
        2,
        "",
        "expected 'housing/rows' in s3://inbox or its manifest in s3://results, found neither\n",
    )


def test_a_key_below_no_models_name_is_told_that_it_is_never_scored(stage: Stage) -> None:
    stage.upload("huosing/rows.csv")
    stage.upload("rows.csv")

    found = [stage.run("verify", key)[1] for key in ("huosing/rows.csv", "rows.csv")]

    detail = "in the inbox, but below no model's name: expected one of churn/, housing/"
    assert found == [
        f"unscored  huosing/rows.csv  {detail}\n",
        f"unscored  rows.csv  {detail}\n",
    ]


def test_who_may_not_ask_for_the_models_is_told_what_would_have_to_be_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketNotification")

    monkeypatch.setattr("operations.verification.announced", refused)
    stage.upload(KEY)

    _, said, _ = stage.run("verify", KEY)

    assert said == (
        f"unscored  {KEY}  in the inbox, and not scored yet; nor will it be unless 'housing/' is a "
        "model's\n"
    )


def test_a_newer_upload_that_is_not_scored_yet_is_said(stage: Stage) -> None:
    old = stage.score(KEY)
    new = stage.upload(KEY, b"newer")

    code, said, _ = stage.run("verify", KEY)

    assert code == 1
    assert said == (
        f"outdated  {KEY}  1 row, 0 bad; version {old.source.version}; version "
        f"{new.version} is in the inbox, and not scored yet\n"
    )


def test_the_result_of_a_deleted_file_is_verified(stage: Stage) -> None:
    manifest = stage.score(KEY)
    stage.site.s3.delete_object(Bucket="inbox", Key=KEY)

    code, said, _ = stage.run("verify", KEY)

    assert code == 0
    assert said == (
        f"verified  {KEY}  1 row, 0 bad; version {manifest.source.version}; since deleted "
        "from the inbox\n"
    )


def test_an_unversioned_inbox_is_told_by_etags(stage: Stage) -> None:
    stage.site.s3.put_bucket_versioning(
        Bucket="inbox", VersioningConfiguration={"Status": "Suspended"}
    )
    source = replace(stage.upload(KEY, b"first"), version=None)
    stage.put_manifest(source, output=stage.put_output(KEY, b"a\n1\n"), rows=1)

    before = stage.run("verify", KEY)[:2]
    overwritten = stage.upload(KEY, b"second")
    after = stage.run("verify", KEY)[:2]

    found = f"{KEY}  1 row, 0 bad; version with etag {source.etag}"
    newer = f"version with etag {overwritten.etag} is in the inbox, and not scored yet"
    assert before == (0, f"verified  {found}\n")
    assert after == (1, f"outdated  {found}; {newer}\n")


def broken(stage: Stage, output: Output, rows: int = 1) -> str:
    """What is said of a result with this output, after its key."""
    stage.put_manifest(stage.upload(KEY), output=output, rows=rows)
    code, said, _ = stage.run("verify", KEY)
    assert code == 1
    assert said.startswith(f"broken    {KEY}  ")
    return said.removeprefix(f"broken    {KEY}  ").removesuffix("\n")


def test_rows_that_are_missing_are_found(stage: Stage) -> None:
    output = stage.put_output(KEY, b"a,error\n1,\n")

    assert broken(stage, output, rows=2) == "expected 2 rows, as came in, got 1"


def test_other_bytes_are_found(stage: Stage) -> None:
    there, expected = b"a,error\n1,\n", sha256(b"a,error\n2,\n")
    output = replace(stage.put_output(KEY, there), sha256=expected)

    assert broken(stage, output) == (
        f"s3://results/{KEY}, version {output.version}: bytes 0 to 11: expected the SHA-256 "
        f"{expected}, got {sha256(there)}"
    )


def test_another_size_is_found(stage: Stage) -> None:
    output = replace(stage.put_output(KEY, b"a,error\n1,\n"), size=12)

    assert broken(stage, output).endswith(": expected 12 bytes, got 11")


def test_an_output_that_is_gone_is_found(stage: Stage) -> None:
    output = stage.put_output(KEY, b"a,error\n1,\n")
    stage.site.s3.delete_object(Bucket="results", Key=KEY, VersionId=str(output.version))

    assert broken(stage, output) == (
        f"s3://results/{KEY}, version {output.version}: expected it there, found nothing"
    )


def test_an_output_is_read_in_the_version_that_the_manifest_names(stage: Stage) -> None:
    stage.score(KEY)
    stage.put_output(KEY, b"a later delivery's, that is about to lose")

    assert stage.run("verify", KEY)[0] == 0


def test_a_text_that_cannot_be_read_is_found(stage: Stage) -> None:
    output = stage.put_output(KEY, b'a,error\n"1,\n')

    assert "byte 8: expected a closing quote" in broken(stage, output)


@pytest.mark.parametrize("body", [b"", b"a,error\n", gzip.compress(b"a,error\n1,\n", mtime=0)[:-1]])
def test_what_is_not_compressed_as_its_key_says_is_found(stage: Stage, body: bytes) -> None:
    key = "housing/rows.csv.gz"
    stage.put_manifest(stage.upload(key), output=stage.put_output(key, body), rows=1)

    code, said, _ = stage.run("verify", key)

    assert (code, said.partition("  ")[0]) == (1, "broken")


def test_a_compressed_output_is_checked_as_it_lies_there(stage: Stage) -> None:
    body = gzip.compress(b"a,error\n1,\n")
    whole = stage.put_output("housing/rows.csv.gz", body)
    output = replace(whole, sha256=sha256(b"other"))
    stage.put_manifest(stage.upload("housing/rows.csv.gz"), output=output, rows=1)

    assert "expected the SHA-256" in stage.run("verify", "housing/rows.csv.gz")[1]


@pytest.mark.parametrize("body", [b"", b"PAR1", parquet(3)[:-1], parquet(3)[-40:], b"x" * 100])
def test_what_is_no_parquet_file_is_found(stage: Stage, body: bytes) -> None:
    key = "housing/rows.parquet"
    stage.put_manifest(stage.upload(key), output=stage.put_output(key, body), rows=3)

    assert stage.run("verify", key)[1].endswith("expected a Parquet file, got something else\n")


def test_an_output_of_no_known_format_is_found(stage: Stage) -> None:
    output = stage.put_output("housing/rows.txt", b"a\n1\n")

    assert "rows.txt, version" in broken(stage, output)


def test_an_object_put_together_of_parts_is_verified_slice_by_slice(stage: Stage) -> None:
    parts = [b"a,error\n", b"", b'"1\n', b'2",\n3,\n']
    whole = stage.put_output(KEY, b"".join(parts))
    joined = replace(whole, sha256=None, parts=slices(*parts))
    stage.put_manifest(stage.upload(KEY), output=joined, rows=2)

    assert stage.run("verify", KEY)[0] == 0


def test_the_slice_that_differs_is_named(stage: Stage) -> None:
    whole = stage.put_output(KEY, b"a,error\n1,\n2,\n")
    joined = replace(whole, sha256=None, parts=slices(b"a,error\n", b"7,\n", b"2,\n"))

    assert "bytes 8 to 11: expected the SHA-256" in broken(stage, joined, rows=2)


def folder(stage: Stage, key: str, *bodies: bytes) -> Output:
    """An output whose parts are objects of their own."""
    outputs = [
        stage.put_output(f"{key}/job/part-{number:020d}.parquet", body)
        for number, body in enumerate(bodies)
    ]
    parts = tuple(OutputPart(o.key, o.version, o.size, str(o.sha256)) for o in outputs)
    return Output("results", f"{key}/job/", None, sum(map(len, bodies)), None, parts)


def test_a_folder_of_parts_is_verified_object_by_object(stage: Stage) -> None:
    output = folder(stage, "housing/rows.parquet", parquet(2), parquet(3))
    stage.put_manifest(stage.upload("housing/rows.parquet"), output=output, rows=5)

    assert stage.run("verify", "housing/rows.parquet")[0] == 0


def test_a_part_that_is_missing_from_a_folder_is_found(stage: Stage) -> None:
    output = folder(stage, "housing/rows.parquet", parquet(2), parquet(3))
    stage.site.s3.delete_object(
        Bucket="results", Key=str(output.parts[1].key), VersionId=str(output.parts[1].version)
    )
    stage.put_manifest(stage.upload("housing/rows.parquet"), output=output, rows=5)

    code, said, _ = stage.run("verify", "housing/rows.parquet")

    assert code == 1
    assert f"{output.parts[1].key}, version {output.parts[1].version}: expected it there" in said


def test_a_result_that_is_replaced_meanwhile_is_looked_at_again(stage: Stage) -> None:
    events = stage.site.s3.meta.events
    replaced = stage.score(KEY).output
    assert replaced is not None

    def replace_it(**_: object) -> None:
        events.unregister("before-send.s3.HeadObject", replace_it)
        stage.site.s3.delete_object(Bucket="results", Key=KEY, VersionId=str(replaced.version))
        stage.score(KEY, b"a,error\n1,\n2,\n", rows=2)

    events.register_first("before-send.s3.HeadObject", replace_it)

    [verdict] = verify(stage.site, KEY)

    assert (verdict.status, verdict.detail.partition(";")[0]) == (
        Status.VERIFIED,
        "2 rows, 0 bad",
    )


def test_as_json_a_file_is_an_object(stage: Stage) -> None:
    manifest = stage.score(KEY)
    assert manifest.output is not None
    stage.upload("housing/unscored.csv")

    _, said, _ = stage.run("verify", "housing/", "--json")

    assert [json.loads(line) for line in said.splitlines()] == [
        {
            "key": KEY,
            "status": "verified",
            "detail": f"1 row, 0 bad; version {manifest.source.version}",
            "manifest": json.loads(manifest.to_json()),
        },
        {
            "key": "housing/unscored.csv",
            "status": "unscored",
            "detail": "in the inbox, and not scored yet",
            "manifest": None,
        },
    ]
