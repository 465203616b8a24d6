"""What is said of a predict function by what was measured of it."""

from __future__ import annotations

import pytest

from doctor.finding import Finding, Grade
from doctor.online import Online
from doctor.online_verdict import OnlineVerdict
from doctor.series import Run, Series
from doctor.watched_environment import Start
from doctor.work import Pace
from tests.doctor.measurements import alone, killed, online, settings

BREAKS, WARNS, FINE = Grade.BREAKS, Grade.WARNS, Grade.FINE
LATE = "it is ready after 16.0 s of 10"
FASTER = (
    "raise predict_memory_mib, up to 1769, or let `make optimize` write the model as it loads "
    "faster"
)


def findings(online: Online, *, is_cut: bool = False, **changes: object) -> dict[str, Finding]:
    verdict = OnlineVerdict(settings(**changes), online, Pace(), is_cut=is_cut)
    return {finding.what: finding for finding in verdict.findings()}


def test_a_function_with_room_for_everything_is_fine() -> None:
    assert [*findings(online()).values()] == [
        Finding(FINE, "predict start", "it is ready after 1.0 s of 10"),
        Finding(FINE, "predict memory", "a request of 1,000 rows peaks at 200 MiB of 1,769"),
        Finding(FINE, "predict row", "one row takes 2.0 ms of 20 s"),
        Finding(FINE, "predict request", "a request of 1,000 rows takes 2.0 s of 20"),
        Finding(
            FINE,
            "predict answer",
            "a request of 1,000 rows is answered in 100,000 bytes of 6,291,556",
        ),
        Finding(FINE, "predict /tmp", "0 bytes of 536,870,912 in /tmp"),
    ]


def test_memory_that_is_all_but_used_up_is_warned_of() -> None:
    assert findings(online(), predict_memory_mib=220)["predict memory"] == Finding(
        WARNS,
        "predict memory",
        "a request of 1,000 rows peaks at 200 MiB of 220, which leaves less than 20%: raise "
        "predict_memory_mib to 256",
    )


def test_memory_that_is_too_little_says_what_would_do() -> None:
    assert findings(online(), predict_memory_mib=150)["predict memory"] == Finding(
        BREAKS,
        "predict memory",
        "a request of 1,000 rows peaks at 200 MiB of 150: raise predict_memory_mib to 256, or tell "
        "callers: at most 200 rows a request",
    )


def test_rows_that_are_cut_into_runs_may_be_cut_shorter() -> None:
    found = findings(online(), is_cut=True, predict_memory_mib=150)["predict memory"]

    assert found.sentence.endswith(
        "or let a run hold less ([runs] in the card), or tell callers: at most 200 rows a request"
    )


def test_what_cannot_even_start_says_so_and_not_how_many_rows_there_may_be() -> None:
    hungry = online(start=Start(alone(1.0), 200.0))

    assert findings(hungry, predict_memory_mib=150)["predict memory"] == Finding(
        BREAKS,
        "predict memory",
        "its start peaks at 200 MiB of 150: raise predict_memory_mib to 256",
    )


def test_a_start_that_takes_more_than_any_request_is_what_needs_the_room() -> None:
    greedy = online(start=Start(alone(1.0), 1500.0))

    assert findings(greedy)["predict memory"] == Finding(
        WARNS,
        "predict memory",
        "its start peaks at 1,500 MiB of 1,769, which leaves less than 20%: raise "
        "predict_memory_mib to 1920",
    )


def test_no_fewer_rows_help_where_the_start_takes_too_much_too() -> None:
    greedy = online(start=Start(alone(1.0), 160.0))

    assert findings(greedy, is_cut=True, predict_memory_mib=150)["predict memory"] == Finding(
        BREAKS,
        "predict memory",
        "a request of 1,000 rows peaks at 200 MiB of 150: raise predict_memory_mib to 256, or let "
        "a run hold less ([runs] in the card)",
    )


def test_the_memory_of_a_start_hides_none_of_a_requests() -> None:
    runs = (Run(0, alone(0.0), 400.0), Run(10, alone(0.02), 460.0))
    greedy = online(start=Start(alone(1.0), 1000.0), requests=Series(runs))

    # 6 MiB a row beside 400.
    assert findings(greedy)["predict memory"] == Finding(
        BREAKS,
        "predict memory",
        "a request of 1,000 rows, reckoned from fewer, peaks at 6,400 MiB of 1,769: raise "
        "predict_memory_mib to 8000 (new accounts have to ask for so much), or tell callers: at "
        "most 169 rows a request",
    )


def wasteful(**changes: object) -> Online:
    """10 MiB a row beside 400: the largest request fits no setting."""
    runs = (Run(0, alone(0.0), 400.0), Run(10, alone(0.02), 500.0))
    return online(requests=Series(runs), **changes)


def test_a_request_that_no_memory_holds_is_for_callers_to_know_and_breaks_nothing() -> None:
    found = findings(wasteful(sample_rows=10))

    assert found["predict memory"] == Finding(
        FINE, "predict memory", "a request of 10 rows peaks at 500 MiB of 1,769"
    )
    assert found["predict request"] == Finding(
        WARNS,
        "predict request",
        "a request of 1,000 rows, reckoned from fewer, takes 2.0 s of 20, and 10,400 MiB, more "
        "than any setting has room for: tell callers: at most 101 rows a request",
    )


def test_golden_rows_that_memory_does_not_hold_together_break() -> None:
    assert findings(wasteful(sample_rows=10), predict_memory_mib=450)["predict memory"] == Finding(
        BREAKS,
        "predict memory",
        "a request of 10 rows peaks at 500 MiB of 450: raise predict_memory_mib to 640",
    )


@pytest.mark.parametrize(
    ("memory_mib", "timeout_s", "grade", "sentence"),
    [
        (1769, 20, FINE, "it is ready after 8.0 s of 10"),
        (
            884,
            20,
            WARNS,
            f"{LATE}, and starts again within the first event's time: {FASTER}",
        ),
        (
            884,
            15,
            BREAKS,
            f"{LATE}, and starts again without an end within 15 s: {FASTER}",
        ),
    ],
)
def test_a_slow_start_is_judged_by_the_time_that_the_first_event_has(
    memory_mib: int, timeout_s: int, grade: Grade, sentence: str
) -> None:
    slow = online(start=Start(alone(8.0), 100.0))
    changes = {"predict_memory_mib": memory_mib, "predict_timeout_s": timeout_s}

    found = findings(slow, **changes)["predict start"]

    assert found == Finding(grade, "predict start", sentence)


def test_no_more_memory_is_advised_to_what_starts_on_a_whole_processor() -> None:
    slow = online(start=Start(alone(12.0), 100.0))

    assert findings(slow)["predict start"].sentence == (
        "it is ready after 12.0 s of 10, and starts again within the first event's time: let `make "
        "optimize` write the model as it loads faster"
    )


def test_provisioned_environments_may_take_their_time_to_start() -> None:
    slow = online(start=Start(alone(30.0), 100.0))

    assert findings(slow, predict_provisioned_concurrency=1)["predict start"].grade is FINE


def test_a_request_that_is_too_slow_is_for_callers_to_know_and_breaks_nothing() -> None:
    assert findings(online(), predict_timeout_s=1)["predict request"] == Finding(
        WARNS,
        "predict request",
        "a request of 1,000 rows takes 2.0 s of 1: raise predict_timeout_s to 4, or tell callers: "
        "at most 250 rows a request",
    )


def test_golden_rows_that_are_too_slow_together_break() -> None:
    many = online(sample_rows=600)

    assert findings(many, predict_timeout_s=1)["predict request"] == Finding(
        BREAKS,
        "predict request",
        "a request of 600 rows takes 1.2 s of 1: raise predict_timeout_s to 3, or tell callers: at "
        "most 250 rows a request",
    )


def test_a_request_that_more_memory_makes_fast_enough_says_how_much() -> None:
    found = findings(online(), predict_memory_mib=300, predict_timeout_s=5)["predict request"]

    assert found == Finding(
        WARNS,
        "predict request",
        "a request of 1,000 rows takes 11.8 s of 5: raise predict_memory_mib to 1472, or raise "
        "predict_timeout_s to 24, or tell callers: at most 211 rows a request",
    )


def test_a_request_that_rings_an_alarm_is_warned_of() -> None:
    slow = online(requests=Series((Run(0, alone(0.0), 100.0), Run(1000, alone(18.0), 100.0))))

    assert findings(slow)["predict request"] == Finding(
        WARNS,
        "predict request",
        "a request of 1,000 rows takes 18.0 s of 20, and rings PredictSlow where it is one of a "
        "hundred: tell callers: at most 555 rows a request",
    )


def test_a_request_that_was_killed_breaks_whatever_is_reckoned() -> None:
    assert findings(killed(online(), rows=8000))["predict request"] == Finding(
        BREAKS,
        "predict request",
        "of 8,000 rows at once nothing comes back: expected an answer, got none: tell callers: "
        "at most 1,000 rows a request",
    )


@pytest.mark.parametrize(("row_s", "grade"), [(2.0, FINE), (17.0, WARNS), (21.0, BREAKS)])
def test_one_row_is_judged_by_the_timeout_and_by_its_alarm(row_s: float, grade: Grade) -> None:
    slow = online(row=Run(1, alone(row_s), 100.0))

    assert findings(slow)["predict row"].grade is grade


def test_an_answer_that_is_too_large_is_refused_which_is_as_it_should_be() -> None:
    refused = killed(online(), rows=2000, status=413)

    assert findings(refused)["predict answer"] == Finding(
        FINE,
        "predict answer",
        "who sends 2,000 rows is told by a 413 to send fewer",
    )
    assert findings(refused)["predict request"].grade is FINE


def test_rows_that_the_model_itself_refuses_are_warned_of() -> None:
    assert findings(killed(online(), rows=8, status=422))["predict answer"].grade is WARNS


def test_memory_is_reckoned_for_the_rows_that_run_at_once_and_for_what_others_become() -> None:
    runs = (Run(0, alone(0.0), 100.0), Run(10, alone(0.1), 110.0))
    cut = online(requests=Series(runs), run_rows=50, prepared_mib=0.01)

    # 1 MiB a row, of fifty, and 950 hundredths.
    assert findings(cut)["predict memory"].sentence == (
        "a request of 1,000 rows, reckoned from fewer, peaks at 160 MiB of 1,769"
    )
