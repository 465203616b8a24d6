"""`dead-letters`, from what died to what is said of it and done about it."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from delivery.job import Source
from delivery.manifest import GONE, SUFFIX
from delivery.task import Announcement, Task
from formats.row_file import Span
from functions.score.fault_notes import FaultNotes
from operations import dead_letters
from operations.dead_letter_reader import DeadLetterReader

if TYPE_CHECKING:
    from tests.operations.conftest import Refuse, Stage

QUEUE, DEAD = "housing-queue", "housing-dead-letters"
FOREIGN = "somebody else's"
HINT = "--replay sends again what is not settled, --discard-settled deletes what is"
LATER = "2100-01-01T00:00:00.000+00:00"


def announced(source: Source, *, rescore: bool = False) -> str:
    return Announcement(source, is_rescoring=rescore).to_json()


def die(stage: Stage, body: str) -> str:
    """The dead letter's id."""
    return stage.send(DEAD, body)


def leave_note(stage: Stage, message_id: str) -> None:
    notes = FaultNotes(stage.site.s3, "results", model="housing")
    with pytest.raises(ValueError, match="payload") as caught:
        float("payload")
    notes.leave(caught.value, message_id=message_id, received=5)


def letters(stage: Stage, *options: str) -> list[dict[str, Any]]:
    """As `--json` tells them."""
    code, said, _ = stage.run("dead-letters", "housing", "--json", *options)
    assert code == 0
    return [json.loads(line) for line in said.splitlines()]


def settled(stage: Stage) -> bool:
    [letter] = letters(stage)
    return bool(letter["settled"])


def test_no_dead_letters_are_none(stage: Stage) -> None:
    assert stage.run("dead-letters", "housing") == (
        0,
        "",
        "0 dead letters: 0 settled, 0 not ours\n",
    )


def test_a_letter_says_what_it_was_about_and_why_it_died(stage: Stage) -> None:
    source = stage.upload("housing/a.csv")
    message_id = die(stage, announced(source))
    leave_note(stage, message_id)

    code, said, summed_up = stage.run("dead-letters", "housing")

    first, about, sent, reason, settled = said.splitlines()
    assert first == f"message {message_id}"
    assert about == f"  about     housing/a.csv, version {source.version}"
    assert sent.startswith("  sent      20")
    assert sent.endswith("+00:00, received 0 times")
    assert reason.startswith("  reason    ValueError, 20")
    assert 'test_dead_letters.py", line' in reason
    assert "payload" not in reason
    assert settled == "  settled   no"
    assert (code, summed_up) == (0, f"1 dead letter: 0 settled, 0 not ours; {HINT}\n")


def test_without_a_note_the_function_was_killed(stage: Stage) -> None:
    die(stage, announced(stage.upload("housing/a.csv")))

    _, said, _ = stage.run("dead-letters", "housing")

    assert said.splitlines()[3] == (
        "  reason    no note: the function was killed, or timed out, before it could leave one"
    )


def test_a_task_says_which_span_it_was_about(stage: Stage) -> None:
    source = stage.upload("housing/a.csv")
    die(stage, Task(Announcement(source), "d" * 64, Span(5, None), "then", spans=2).to_json())

    [letter] = letters(stage)

    assert letter["about"] == [
        {
            "source": {
                "bucket": "inbox",
                "key": "housing/a.csv",
                "version": source.version,
                "etag": source.etag,
            },
            "span": {"start": 5, "stop": None},
            "settled": False,
        }
    ]
    assert (letter["note"], letter["foreign"], letter["settled"]) == (None, False, False)
    assert f"version {source.version}, from 5 to the end" in stage.run("dead-letters", "housing")[1]


def test_looking_gives_letters_back_and_counts_as_a_receipt(stage: Stage) -> None:
    for number in range(23):
        die(stage, announced(stage.upload(f"housing/{number}.csv")))

    first = letters(stage)
    again = letters(stage)

    assert [letter["received"] for letter in first] == [0] * 23
    assert [letter["received"] for letter in again] == [1] * 23
    assert sorted(x["message_id"] for x in again) == sorted(x["message_id"] for x in first)


def test_who_stops_looking_gives_letters_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = die(stage, announced(stage.upload("housing/a.csv")))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DeadLetterReader, "read", stop)

    assert stage.run("dead-letters", "housing") == (
        130,
        "",
        "stopped; it is safe to run the command again\n",
    )
    assert [message["MessageId"] for message in stage.messages(DEAD)] == [message_id]


def test_letters_that_somebody_else_holds_are_counted(stage: Stage) -> None:
    die(stage, announced(stage.upload("housing/a.csv")))
    url = stage.site.sqs.get_queue_url(QueueName=DEAD)["QueueUrl"]
    stage.site.sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)

    _, _, summed_up = stage.run("dead-letters", "housing")

    assert summed_up == (
        "0 dead letters: 0 settled, 0 not ours; about 1 more are held by somebody else, look again "
        "in 15 minutes\n"
    )


def test_an_announcement_is_settled_by_a_manifest_of_its_version(stage: Stage) -> None:
    source = stage.upload("housing/a.csv")
    die(stage, announced(source))
    before = settled(stage)
    stage.put_manifest(source)

    assert (before, settled(stage)) == (False, True)


def test_a_newer_version_settles_and_an_older_one_does_not(stage: Stage) -> None:
    sources = [stage.upload("housing/a.csv", body) for body in (b"1", b"2", b"3")]
    die(stage, announced(sources[1]))
    stage.put_manifest(sources[0])
    older = settled(stage)
    stage.put_manifest(sources[2])

    assert (older, settled(stage)) == (False, True)


def test_what_is_gone_is_settled_by_whatever_is_there(stage: Stage) -> None:
    gone = stage.upload("housing/a.csv", b"1")
    stage.site.s3.delete_object(Bucket="inbox", Key=gone.key, VersionId=str(gone.version))
    die(stage, announced(gone))
    before = settled(stage)
    stage.put_manifest(stage.upload("housing/a.csv", b"2"))

    assert (before, settled(stage)) == (False, True)


def test_without_versions_the_same_bytes_settle_and_others_do_not(stage: Stage) -> None:
    first = Source("inbox", "housing/a.csv", None, "e1")
    die(stage, announced(first))
    stage.put_manifest(Source("inbox", "housing/a.csv", None, "e2"))
    others = settled(stage)
    stage.put_manifest(first)

    assert (others, settled(stage)) == (False, True)


def test_without_versions_what_was_gone_may_be_there_again(stage: Stage) -> None:
    source = Source("inbox", "housing/a.csv", None, "e1")
    die(stage, announced(source))
    failed = stage.put_manifest(source)
    gone = replace(failed, reason=GONE).to_json()
    stage.site.s3.put_object(Bucket="results", Key=source.key + SUFFIX, Body=gone)

    assert not settled(stage)


def test_a_rescoring_is_settled_by_what_was_scored_since_it_was_asked_for(stage: Stage) -> None:
    source = stage.upload("housing/a.csv")
    die(stage, announced(source, rescore=True))
    stage.put_manifest(source)
    before = settled(stage)
    stage.put_manifest(source, started=LATER)

    assert (before, settled(stage)) == (False, True)


@pytest.mark.parametrize(
    ("is_rescoring", "digest", "succeeded", "expected"),
    [
        (False, "d" * 64, True, True),
        (False, "d" * 64, False, True),
        (False, "e" * 64, True, True),
        (False, "e" * 64, False, False),
        (True, "d" * 64, True, True),
        (True, "e" * 64, True, False),
    ],
)
def test_a_task_is_settled_as_its_job_is(
    stage: Stage, *, is_rescoring: bool, digest: str, succeeded: bool, expected: bool
) -> None:
    source = stage.upload("housing/a.csv")
    work = Announcement(source, is_rescoring=is_rescoring)
    die(stage, Task(work, "d" * 64, Span(0, 5), "then").to_json())
    output = stage.put_output("housing/a.csv", b"a\n") if succeeded else None

    stage.put_manifest(source, output=output, digest=digest)

    assert settled(stage) is expected


def test_of_several_files_all_must_be_settled(stage: Stage) -> None:
    sources = [stage.upload(f"housing/{name}.csv") for name in "ab"]
    records = [json.loads(announced(source))["Records"][0] for source in sources]
    die(stage, orjson.dumps({"Records": records}).decode())
    stage.put_manifest(sources[0])
    one = settled(stage)
    stage.put_manifest(sources[1])

    assert (one, settled(stage)) == (False, True)


@pytest.mark.parametrize(
    "body",
    [
        FOREIGN,
        "{}",
        '{"Event": "s3:TestEvent"}',
        announced(Source("another bucket", "housing/a.csv", "v1", "e1")),
        announced(Source("inbox", "churn/a.csv", "v1", "e1")),
    ],
)
def test_what_is_not_ours_is_shown_and_left_alone(stage: Stage, body: str) -> None:
    message_id = die(stage, body)

    code, said, summed_up = stage.run("dead-letters", "housing", "--replay", "--discard-settled")

    assert said.splitlines()[:2] == [
        f"message {message_id}",
        "  about     nothing of ours: left alone",
    ]
    assert (code, summed_up.splitlines()[0]) == (0, f"1 dead letter: 0 settled, 1 not ours; {HINT}")
    assert [message["MessageId"] for message in stage.messages(DEAD)] == [message_id]
    assert stage.messages(QUEUE) == []


def test_replaying_sends_again_what_is_not_settled(stage: Stage) -> None:
    unsettled, done = (stage.upload(f"housing/{name}.csv") for name in "ab")
    stage.put_manifest(done)
    die(stage, announced(unsettled))
    kept = die(stage, announced(done))

    _, _, summed_up = stage.run("dead-letters", "housing", "--replay")

    assert [message["Body"] for message in stage.messages(QUEUE)] == [announced(unsettled)]
    assert [message["MessageId"] for message in stage.messages(DEAD)] == [kept]
    assert summed_up.splitlines()[1:] == ["1 of 1 replayed"]


def test_discarding_deletes_what_is_settled_and_nothing_else(stage: Stage) -> None:
    unsettled, done = (stage.upload(f"housing/{name}.csv") for name in "ab")
    stage.put_manifest(done)
    kept = die(stage, announced(unsettled))
    die(stage, announced(done))

    _, _, summed_up = stage.run("dead-letters", "housing", "--discard-settled")

    assert stage.messages(QUEUE) == []
    assert [message["MessageId"] for message in stage.messages(DEAD)] == [kept]
    assert summed_up.splitlines()[1:] == ["1 of 1 discarded"]


def options(**chosen: bool) -> Namespace:
    unchosen = {"json": True, "replay": False, "discard_settled": False}
    return Namespace(model="housing", **{**unchosen, **chosen})


def test_what_the_queue_does_not_take_stays(
    stage: Stage, refuse: Refuse, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("housing/a.csv", "housing/b.csv"):
        die(stage, announced(stage.upload(key)))
    refuse("SendMessageBatch", place=1)
    [_, place_one] = [x["message_id"] for x in letters(stage)]

    code = dead_letters.run(stage.site, options(replay=True))

    assert code == 1
    assert [message["MessageId"] for message in stage.messages(DEAD)] == [place_one]
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"not sent: {place_one}: Code: the message",
        "1 of 2 replayed",
    ]


def test_what_cannot_be_deleted_after_it_was_sent_is_said(
    stage: Stage, refuse: Refuse, capsys: pytest.CaptureFixture[str]
) -> None:
    die(stage, announced(stage.upload("housing/a.csv")))
    refuse("DeleteMessageBatch", place=0)

    code = dead_letters.run(stage.site, options(replay=True))

    assert code == 1
    assert len(stage.messages(QUEUE)) == len(stage.messages(DEAD)) == 1
    assert capsys.readouterr().err.splitlines()[1:] == [
        "1 of 1 replayed; 1 of those stay here, too, which is harmless"
    ]


def test_a_model_that_is_not_deployed_is_refused(stage: Stage) -> None:
    assert stage.run("dead-letters", "houses") == (
        2,
        "",
        "expected a model whose files inbox announces (churn, housing), got 'houses'\n",
    )
