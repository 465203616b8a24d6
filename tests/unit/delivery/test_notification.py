from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from delivery.job import Source
from delivery.notification import Work, work_of
from delivery.task import Announcement, Task
from formats.row_file import Span
from serving.errors import MalformedInputError

EVENTS = Path(__file__).parents[3] / "events"
RECORD: dict[str, Any] = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "eu-west-1",
    "eventTime": "2026-01-01T00:00:00.000Z",
    "eventName": "ObjectCreated:Put",
    "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "inbox",
        "bucket": {"name": "inbox", "arn": "arn:aws:s3:::inbox"},
        "object": {
            "key": "example/rows.csv",
            "size": 8,
            "eTag": "e1",
            "versionId": "v1",
            "sequencer": "0A",
        },
    },
}
SOURCE = Source("inbox", "example/rows.csv", "v1", "e1")


def record(*, event: dict[str, Any] | None = None, **item: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The usual record with other members; an object's member is left out where it is None."""
    changed = copy.deepcopy(RECORD) | (event or {})
    merged = changed["s3"]["object"] | item
    changed["s3"]["object"] = {name: value for name, value in merged.items() if value is not None}
    return changed


def work(*records: dict[str, Any], **more: object) -> tuple[Work, ...]:
    return work_of(orjson.dumps({"Records": records, **more}).decode())


def sources(*records: dict[str, Any]) -> tuple[Source, ...]:
    announcements = [one for one in work(*records) if isinstance(one, Announcement)]
    assert not any(announcement.is_rescoring for announcement in announcements)
    return tuple(announcement.source for announcement in announcements)


def test_a_notification_names_the_version_that_it_is_about() -> None:
    assert sources(record()) == (SOURCE,)


@pytest.mark.parametrize(
    ("spelled", "key"),
    [
        ("example/rows.csv", "example/rows.csv"),
        ("example%2Frows.csv", "example/rows.csv"),
        ("example/two+words.csv", "example/two words.csv"),
        ("example/two%20words.csv", "example/two words.csv"),
        ("example/1%2B1%3D2.csv", "example/1+1=2.csv"),
        ("example/100%25.csv", "example/100%.csv"),
        ("example/%C3%A9t%C3%A9%F0%9D%84%9E.csv", "example/été𝄞.csv"),
        ("example/été.csv", "example/été.csv"),
    ],
)
def test_a_key_is_decoded_however_it_is_spelled(spelled: str, key: str) -> None:
    assert sources(record(key=spelled)) == (Source("inbox", key, "v1", "e1"),)


def test_a_message_may_announce_several_objects() -> None:
    assert sources(record(), record(key="example/b.csv", versionId="v2")) == (
        SOURCE,
        Source("inbox", "example/b.csv", "v2", "e1"),
    )


def test_what_is_not_told_is_not_known() -> None:
    assert sources(record(versionId=None, sequencer=None, size=None, eTag=None)) == (
        Source("inbox", "example/rows.csv", None, None),
    )


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.6", "2.10"])
def test_every_version_of_the_event_is_read(version: str) -> None:
    assert sources(record(event={"eventVersion": version, "unheardOf": {}})) == (SOURCE,)


@pytest.mark.parametrize("name", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
@pytest.mark.parametrize("prefix", ["", "s3:"])
def test_an_object_is_announced_however_it_was_made(prefix: str, name: str) -> None:
    assert sources(record(event={"eventName": f"{prefix}ObjectCreated:{name}"})) == (SOURCE,)


@pytest.mark.parametrize(
    "name",
    ["ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Completed"],
)
def test_what_makes_no_object_announces_none(name: str) -> None:
    removed = record(event={"eventName": name}, versionId=None, eTag=None, size=None)

    assert sources(removed, record()) == (SOURCE,)


def test_the_test_event_of_a_new_notification_announces_nothing() -> None:
    assert work_of((EVENTS / "s3_test_event.json").read_text()) == ()


def test_a_message_without_records_in_it_announces_nothing() -> None:
    assert sources() == ()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "{",
        "null",
        "7",
        '"text"',
        "[]",
        "{}",
        '{"Records": null}',
        '{"Records": {}, "Event": 1}'.replace("{}", "[1]"),
        '{"Records": [{}]}',
        '{"Records": [null]}',
        '{"Records": "abc"}',
        '{"Records": [{"eventName": null}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": []}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "a"}}}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "a"}}}]}',
        '{"Message": "{\\"Records\\": []}"}',
        "[" * 100_000,
        '{"task": {}}',
        '{"task": null}',
    ],
)
def test_a_message_that_is_no_notification_is_malformed(body: str) -> None:
    with pytest.raises(MalformedInputError) as raised:
        work_of(body)

    assert str(raised.value) == "the message: expected an S3 event notification or a task"


@pytest.mark.parametrize("key", [7, [], {}])
def test_a_key_that_is_no_text_makes_the_message_malformed(key: object) -> None:
    with pytest.raises(MalformedInputError):
        sources(record(key=key))


def test_one_bad_record_makes_the_message_malformed() -> None:
    with pytest.raises(MalformedInputError):
        sources(record(), {"eventName": "ObjectCreated:Put"})


@pytest.mark.parametrize(("told", "meant"), [(True, True), (False, False), ("true", False)])
def test_who_asks_for_rescoring_says_so_beside_the_records(told: object, meant: bool) -> None:  # noqa: FBT001 - a parameter
    assert work(record(), rescore=told) == (Announcement(SOURCE, is_rescoring=meant),)


THEN = "2026-01-02T03:04:05.678+00:00"
TASK = Task(Announcement(SOURCE), "d" * 64, Span(8, None), THEN, spans=3, hops=2)


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        TASK.rest(9),
        Task(Announcement(SOURCE, is_rescoring=True), "d" * 64, Span(0, 8), THEN),
    ],
)
def test_a_task_comes_back_as_it_was_sent(task: Task) -> None:
    assert work_of(task.to_json()) == (task,)


@pytest.mark.parametrize(
    ("name", "value"),
    [("start", -1), ("start", None), ("start", 1.5), ("stop", "8"), ("stop", True), ("spans", [])],
)
def test_a_task_without_a_place_in_its_file_is_malformed(name: str, value: object) -> None:
    document = orjson.loads(TASK.to_json())
    document["task"][name] = value

    with pytest.raises(MalformedInputError):
        work_of(orjson.dumps(document).decode())


@pytest.mark.parametrize("version", ["v1", None])
@pytest.mark.parametrize("key", ["example/a b+c/ü.csv", "example/rows.csv"])
@pytest.mark.parametrize("is_rescoring", [False, True])
def test_an_announcement_comes_back_as_it_was_sent(
    version: str | None,
    key: str,
    is_rescoring: bool,  # noqa: FBT001 - a parameter
) -> None:
    announcement = Announcement(Source("inbox", key, version, "e1"), is_rescoring)

    assert work_of(announcement.to_json()) == (announcement,)
