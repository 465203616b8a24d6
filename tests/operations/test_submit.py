"""`submit`, from what is in the inbox to what is in the queue."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest

from delivery.notification import work_of
from delivery.task import Announcement
from operations import submit

if TYPE_CHECKING:
    from tests.operations.conftest import Refuse, Stage

QUEUE = "housing-queue"


def announcements(stage: Stage) -> list[Any]:
    """What the score function makes of the messages in the queue."""
    return [work for message in stage.messages(QUEUE) for work in work_of(message["Body"])]


def test_without_being_told_to_it_only_counts(stage: Stage) -> None:
    stage.upload("housing/a.csv", b"x" * 1500)
    stage.upload("housing/b.csv", b"x" * 1000)

    assert stage.run("submit", "housing/") == (
        0,
        "2 files to score, 2.5 kB\n",
        "nothing was sent; --send sends a message for each\n",
    )
    assert announcements(stage) == []


def test_each_file_is_announced_as_s3_would_in_its_current_version(stage: Stage) -> None:
    stage.upload("housing/über 1+1.csv", b"old")
    spaced = stage.upload("housing/über 1+1.csv", b"new")
    plain = stage.upload("housing/2026/a.csv")
    stage.upload("churn/a.csv")
    stage.upload("housing/deleted.csv")
    stage.site.s3.delete_object(Bucket="inbox", Key="housing/deleted.csv")

    answer = stage.run("submit", "housing/", "--send")

    assert answer == (0, "2 files to score, 3 bytes\n", "2 of 2 messages sent\n")
    assert announcements(stage) == [Announcement(plain), Announcement(spaced)]


def test_folders_and_markers_are_not_announced(stage: Stage) -> None:
    file = stage.upload("housing/a.csv")
    for marker in ["housing/2026/", "housing/_SUCCESS", "housing/.a.csv.crc"]:
        stage.upload(marker)

    stage.run("submit", "housing/", "--send")

    assert announcements(stage) == [Announcement(file)]


def test_what_has_a_manifest_of_its_current_version_is_passed_over(stage: Stage) -> None:
    stage.score("housing/succeeded.csv")
    stage.put_manifest(stage.upload("housing/failed.csv"))
    stage.score("housing/overwritten.csv")
    overwritten = stage.upload("housing/overwritten.csv", b"newer")

    code, said, _ = stage.run("submit", "housing/", "--send")

    assert (code, said) == (
        0,
        "1 file to score, 5 bytes; 2 others with a manifest: 1 succeeded, 1 failed\n",
    )
    assert announcements(stage) == [Announcement(overwritten)]


def test_where_everything_has_its_manifest_nothing_is_sent(stage: Stage) -> None:
    stage.score("housing/a.csv")

    assert stage.run("submit", "housing/", "--send") == (
        0,
        "0 files to score, 0 bytes; 1 other with a manifest: 1 succeeded, 0 failed\n",
        "",
    )


def test_rescoring_announces_everything_and_says_so(stage: Stage) -> None:
    settled = stage.score("housing/a.csv").source
    new = stage.upload("housing/b.csv")

    stage.run("submit", "housing/", "--send", "--rescore")

    assert announcements(stage) == [
        Announcement(settled, is_rescoring=True),
        Announcement(new, is_rescoring=True),
    ]


def test_files_without_versions_are_announced_by_their_etags(stage: Stage) -> None:
    stage.site.s3.put_bucket_versioning(
        Bucket="inbox", VersioningConfiguration={"Status": "Suspended"}
    )
    file = stage.upload("housing/a.csv")

    stage.run("submit", "housing/a.csv", "--send")

    [announcement] = announcements(stage)
    assert (announcement.source.version, announcement.source.etag) == (None, file.etag)


def test_more_than_one_call_takes_is_sent_in_several(stage: Stage) -> None:
    files = [stage.upload(f"housing/{number:02}.csv") for number in range(23)]

    code, _, summed_up = stage.run("submit", "housing/", "--send")

    assert (code, summed_up) == (0, "23 of 23 messages sent\n")
    assert sorted(a.source.key for a in announcements(stage)) == [file.key for file in files]


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        ("housing", "expected a prefix that begins with <model>/, got 'housing'"),
        ("/a.csv", "expected a prefix that begins with <model>/, got '/a.csv'"),
        (
            "houses/",
            "expected a model whose files inbox announces (churn, housing), got 'houses'",
        ),
        ("housing/2027/", "expected files under s3://inbox/housing/2027/, found none"),
    ],
)
def test_a_prefix_that_names_nothing_is_refused(stage: Stage, prefix: str, sentence: str) -> None:
    assert stage.run("submit", prefix, "--send") == (2, "", sentence + "\n")


def test_a_message_that_the_queue_does_not_take_is_named(
    stage: Stage, refuse: Refuse, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("housing/a.csv", "housing/b.csv"):
        stage.upload(key)
    refuse("SendMessageBatch", place=1)

    code = submit.run(stage.site, Namespace(prefix="housing/", send=True, rescore=False))

    said = capsys.readouterr()
    assert code == 1
    assert said.out == "2 files to score, 0 bytes\nnot sent: housing/b.csv: Code: the message\n"
    assert said.err == (
        "1 of 2 messages sent\nrun it again for the rest; what is scored by then is passed over\n"
    )
