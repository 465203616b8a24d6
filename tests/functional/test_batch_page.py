"""docs/batch.md stays true: its files are scored, its limits and names compared."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from cdk.scoring_queue import DEAD_LETTERS_KEPT, MAX_RECEIVE_COUNT
from delivery.task import Announcement
from formats.archive import MAX_MEMBER_BYTES
from formats.format import FORMATS
from formats.row_file import MAX_ERRORS
from formats.tar_archive import MAX_EXTENSION_BYTES
from formats.text_blocks import MAX_RECORD_BYTES
from formats.zip_directory import MAX_DIRECTORY_BYTES
from functions.score.event_bus import DETAIL_TYPE, SOURCE
from operations.inbox import files_in
from operations.verification import Status
from serving.csv_records import MAX_CELL_CHARACTERS
from tests.functional.golden import HOUSING
from tests.functional.runtime import ROOT
from tests.functional.test_score import ENVIRONMENT

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from tests.functional.conftest import ImportHandler, LoadEvent

PAGE = (ROOT / "docs" / "batch.md").read_text()
FILE = r"`s3://<{}>/(\S+)`\n\n```\w+\n(.+?)```"
UPLOADS, RESULTS = (re.findall(FILE.format(b), PAGE, re.DOTALL) for b in ("inbox", "results"))
[MANIFEST] = re.findall(r"For the CSV file above:\n\n```json\n(.+?)```", PAGE, re.DOTALL)
SENTENCES = " ".join(PAGE.split())
MIB = 1024 * 1024


@pytest.fixture
def scored(s3: S3Client, import_handler: ImportHandler, load_event: LoadEvent) -> dict[str, bytes]:
    """What is in the results bucket once the page's files are scored."""
    score = import_handler("score", MODEL_DIR=str(HOUSING), **ENVIRONMENT)
    for key, text in UPLOADS:
        s3.put_object(Bucket="inbox", Key=key, Body=text.encode())
    [message, *_] = load_event("score_two_files")["Records"]
    bodies = [Announcement(file.source).to_json() for file in files_in(s3, "inbox", "")]
    score({"Records": [{**message, "messageId": body, "body": body} for body in bodies]})
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="results")["Contents"]]
    return {key: s3.get_object(Bucket="results", Key=key)["Body"].read() for key in keys}


def told(document: dict[str, Any], page: Any) -> Any:  # noqa: ANN401 - any JSON
    """A document with an ellipsis wherever the page has one."""
    if page == "…":
        return page
    if isinstance(document, dict):
        return {name: told(value, page.get(name)) for name, value in document.items()}
    return document


@pytest.mark.parametrize(("key", "result"), RESULTS)
def test_a_file_is_scored_as_the_page_says(scored: dict[str, bytes], key: str, result: str) -> None:
    assert scored[key].decode() == result


def test_a_manifest_is_as_the_page_says(scored: dict[str, bytes]) -> None:
    page = json.loads(MANIFEST)

    manifest = json.loads(scored[f"{page['source']['key']}.manifest.json"])

    assert told(manifest, page) == page


def test_no_file_is_left_out() -> None:
    uploaded, results = ([key for key, _ in files] for files in (UPLOADS, RESULTS))

    assert uploaded == results == ["housing/rows.csv", "housing/rows.jsonl"]


def test_the_consumers_lines_find_the_result(scored: dict[str, bytes], s3: S3Client) -> None:
    [lines] = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"json": json, "s3": s3, "key": "housing/rows.csv"}

    exec(lines, names)

    assert names["body"].read() == scored["housing/rows.csv"]


def test_every_format_is_in_the_table() -> None:
    assert [ending for ending in FORMATS if f"`{ending}`" not in PAGE] == []


def test_the_figures_are_those_in_force() -> None:
    record, cell = MAX_RECORD_BYTES // MIB, MAX_CELL_CHARACTERS // MIB
    said = [
        f"has the first {MAX_ERRORS}",
        f"a record of text may have {record} MiB, a cell of CSV {cell} MiB",
        f"one of more than {MAX_MEMBER_BYTES // MIB} MiB",
        f"more than {MAX_EXTENSION_BYTES // MIB} MiB of attributes to a file",
        f"more than {MAX_DIRECTORY_BYTES // MIB} MiB of directory",
        f"is tried again, {MAX_RECEIVE_COUNT} times in all",
        f"What failed {MAX_RECEIVE_COUNT} times stays",
        f"queue for {DEAD_LETTERS_KEPT.to_days():g} days",
    ]

    assert [sentence for sentence in said if sentence not in SENTENCES] == []


def test_the_event_is_called_as_the_page_says() -> None:
    assert f"source `{SOURCE}`, detail type `{DETAIL_TYPE}`" in SENTENCES


def test_every_status_is_explained() -> None:
    assert set(re.findall(r"^\| `([a-z]+)` \| ", PAGE, re.MULTILINE)) == set(Status)
