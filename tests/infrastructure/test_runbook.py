"""Whoever is called finds under the alarm's name what to do."""

from __future__ import annotations

import re

from cdk.app import ROOT
from cdk.runbook_alarm import section
from tests.infrastructure.assembly import Assembly

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()


def alarms(assembly: Assembly) -> dict[str, str]:
    """The description of each alarm of one model."""
    prefix = "model-housing/Alarms/"
    return {
        path.removeprefix(prefix): alarm["AlarmDescription"]
        for path, alarm in assembly.of_type("AWS::CloudWatch::Alarm").items()
        if path.startswith(prefix)
    }


def sections() -> dict[str, str]:
    """The text under each heading, by the anchor that readers of Markdown make of it."""
    _, *parts = re.split(r"^## (.+)$", RUNBOOK, flags=re.MULTILINE)
    return {
        heading.lower().replace(" ", "-"): text
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_alarm_has_its_section_and_every_section_its_alarm(assembly: Assembly) -> None:
    assert [section(alarm) for alarm in alarms(assembly)] == [*sections()]


def test_an_alarm_says_what_it_means_and_where_to_read_on(assembly: Assembly) -> None:
    for alarm, description in alarms(assembly).items():
        sentence, _, link = description.rpartition(" ")
        assert sentence.endswith(".")
        assert link == f"docs/runbook.md#{section(alarm)}"


def test_a_section_says_what_it_means_what_to_look_at_and_what_to_do() -> None:
    for text in sections().values():
        assert re.findall(r"^\*\*(.+)\.\*\*", text, flags=re.MULTILINE) == [
            "Means",
            "Look at",
            "Do",
        ]
