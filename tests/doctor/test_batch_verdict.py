"""What is said of a score function by what was measured of it."""

from __future__ import annotations

from doctor.batch import Batch
from doctor.batch_verdict import BatchVerdict
from doctor.finding import Finding, Grade
from doctor.series import Failure, Run, Series
from doctor.watched_environment import Start
from doctor.work import Pace, Work
from tests.doctor.measurements import alone, batch, settings

BREAKS, WARNS, FINE = Grade.BREAKS, Grade.WARNS, Grade.FINE


def findings(batch: Batch, **changes: object) -> dict[str, Finding]:
    verdict = BatchVerdict(settings(**changes), batch, Pace())
    return {finding.what: finding for finding in verdict.findings()}


def taking(row_s: float) -> Batch:
    """Each row takes so long, of which ten were scored."""
    runs = (Run(0, alone(0.0), 200.0), Run(10, alone(10 * row_s), 210.0))
    return batch(files=Series(runs), block_rows=100, run_rows=100, part_rows=10_000)


def test_a_function_with_room_for_everything_is_fine() -> None:
    assert [*findings(batch()).values()] == [
        Finding(FINE, "score start", "it is ready after 1.0 s of 10"),
        Finding(FINE, "score memory", "a part of 64 MiB peaks at 300 MiB of 3,538"),
        Finding(
            FINE,
            "score block",
            "a block of 10,000 rows takes 0.0 s of the 285 that a run has for it",
        ),
        Finding(FINE, "score part", "a part of 64 MiB takes 2.0 s, 1 run(s) of it"),
        Finding(FINE, "score /tmp", "0 bytes of 536,870,912 in /tmp"),
    ]


def test_a_part_that_takes_several_runs_is_warned_of() -> None:
    assert findings(taking(0.1))["score part"] == Finding(
        WARNS,
        "score part",
        "a part of 64 MiB takes 500.0 s, 2 run(s) of it, one after the other: lower score_part_mib "
        "to 18",
    )


def test_what_more_memory_and_more_time_make_shorter_says_how_much_of_each() -> None:
    changes = {"score_memory_mib": 512, "score_timeout_s": 60}

    # 2 vCPU would take 10 s.
    assert findings(taking(0.002), **changes)["score part"] == Finding(
        WARNS,
        "score part",
        "a part of 64 MiB takes 69.1 s, 2 run(s) of it, one after the other: lower score_part_mib "
        "to 22, or raise score_memory_mib to 1536, or raise score_timeout_s to 139",
    )


def test_a_part_of_more_runs_than_there_may_be_breaks_unless_it_is_smaller() -> None:
    endless = taking(60.0)._replace(block_rows=1)

    assert findings(endless)["score part"] == Finding(
        BREAKS,
        "score part",
        "a part of 64 MiB takes 600,000.0 s, 2,106 run(s) of it, of which there may be 1,000: "
        "lower score_part_mib to 15",
    )


def test_what_no_setting_helps_alone_says_which_do_together() -> None:
    assert findings(taking(0.8))["score part"].sentence.endswith(
        ", one after the other: lower score_part_mib to 7 and raise score_timeout_s to 900"
    )


def test_what_no_setting_helps_has_to_be_rebuilt() -> None:
    least = {"score_part_mib": 5, "score_timeout_s": 900}

    assert findings(taking(0.4), **least)["score part"].sentence.endswith(
        ", one after the other: rebuild the model so that a row takes less"
    )


def test_a_block_that_texts_and_pictures_make_short_says_so() -> None:
    assert findings(batch(block_rows=16, prepared_rows=16))["score block"] == Finding(
        FINE,
        "score block",
        "a block of 16 rows, as many texts and pictures as one holds, takes 0.0 s of the 285 that "
        "a run has for it",
    )


def test_a_block_that_no_run_can_finish_breaks() -> None:
    assert findings(taking(3.0))["score block"] == Finding(
        BREAKS,
        "score block",
        "a block of 100 rows takes 300.0 s of the 285 that a run has for it: raise score_timeout_s "
        "to 600",
    )


def test_a_file_that_came_to_nothing_breaks() -> None:
    failed = batch(files=batch().files._replace(failure=Failure(8, "it is bad")))

    assert findings(failed)["score block"] == Finding(
        BREAKS, "score block", "of a file of 8 rows there is no result: it is bad"
    )


def test_memory_is_reckoned_for_the_rows_that_run_at_once_and_no_more() -> None:
    # 1 MiB a row, of two runs of a hundred.
    assert findings(taking(0.001))["score memory"] == Finding(
        FINE, "score memory", "a part of 64 MiB peaks at 400 MiB of 3,538"
    )


def test_the_memory_of_a_start_is_told_where_no_part_takes_more() -> None:
    greedy = batch(start=Start(alone(1.0), 3000.0))

    assert findings(greedy)["score memory"] == Finding(
        WARNS,
        "score memory",
        "its start peaks at 3,000 MiB of 3,538, which leaves less than 20%: raise "
        "score_memory_mib to 3776 (new accounts have to ask for so much)",
    )


def test_a_part_is_scored_on_all_threads_though_a_file_of_one_block_was_on_one() -> None:
    assert taking(0.1).part.work == Work(1000.0, 500.0)
