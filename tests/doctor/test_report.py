"""A report says the worst first, to people and to programs alike."""

from __future__ import annotations

import orjson

from doctor.bill import SERVICES, Bill
from doctor.diagnosis import Diagnosis
from doctor.finding import Finding, Grade
from doctor.memory_choices import Choice, Marked
from doctor.report import Report
from tests.doctor.measurements import costs

FINE = Finding(Grade.FINE, "image", "it is small")
WARNED = Finding(Grade.WARNS, "rows", "there are none")
BROKEN = Finding(Grade.BREAKS, "predict memory", "it is too little")

DIAGNOSIS = Diagnosis(
    model="housing",
    version=1,
    findings=(FINE, WARNED, BROKEN),
    bills={"a month, idle": Bill({"SQS": 0.2592, "CloudWatch": 1234.5})},
    choices={
        "predict": [
            Marked(Choice(512, 0.004, 2.004, has_room=False), ("cheapest",)),
            Marked(Choice(1769, 1.25, 2.016, has_room=True), ("stage", "advised")),
        ]
    },
)

MONTH = "0       0            0   0.259  0            1,234.50    0    0         1,234.76"


def report(*findings: Finding) -> Report:
    return Report(costs(), findings, Bill({"CloudWatch": 3.0}), (DIAGNOSIS,))


def test_people_read_the_worst_first_then_dollars_and_memory() -> None:
    assert report(FINE).as_text().splitlines()[:16] == [
        "stage made",
        "",
        "fine  image  it is small",
        "",
        "housing, version 1",
        "",
        "breaks  predict memory  it is too little",
        "warns   rows            there are none",
        "fine    image           it is small",
        "",
        f"in US dollars, for  {'  '.join(SERVICES).replace('SQS', 'SQS  ')}  total",
        f"a month, idle       {MONTH}",
        "",
        "predict, MiB  one row  $ a million predictions",
        "512           4.0 ms   2.00                     cheapest, no room",
        "1,769         1.2 s    2.02                     stage, advised",
    ]


def test_programs_read_the_same() -> None:
    document = orjson.loads(report(FINE).as_json())

    assert (document["stage"], document["grade"]) == ("made", "breaks")
    assert document["models"][0]["findings"][2] == {
        "grade": "breaks",
        "what": "predict memory",
        "sentence": "it is too little",
    }
    assert document["models"][0]["memory"]["predict"][1] == {
        "memory_mib": 1769,
        "duration_s": 1.25,
        "usd": 2.016,
        "has_room": True,
        "marks": ["stage", "advised"],
    }
    assert document["shared_month_usd"]["total"] == 3.0


def test_what_the_stage_costs_by_the_month_is_summed_up() -> None:
    both = Report(costs(), (FINE,), Bill({"CloudWatch": 3.0}), (DIAGNOSIS, DIAGNOSIS))

    heads, shared, everything = both.as_text().splitlines()[-5:-2]
    assert [line.split("  ")[0] for line in (shared, everything)] == [
        "what models share, a month",
        "all of this, a month, idle",
    ]
    assert [line.split()[-1] for line in (heads, shared, everything)] == [
        "total",
        "3.00",
        "2,472.52",
    ]
    assert orjson.loads(both.as_json())["idle_month_usd"]["total"] == 2472.5184


def test_a_report_is_as_bad_as_its_worst_finding() -> None:
    assert report(FINE).grade is Grade.BREAKS
    assert Report(costs(), (FINE, WARNED), Bill({}), ()).grade is Grade.WARNS
    assert Report(costs(), (FINE,), Bill({}), ()).grade is Grade.FINE
