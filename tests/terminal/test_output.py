from __future__ import annotations

import pytest

from terminal.output import say, sum_up, table


def test_findings_and_their_sum_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    say("a.csv: whole")
    sum_up("1 of 1 whole")

    assert capsys.readouterr() == ("a.csv: whole\n", "1 of 1 whole\n")


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert table(["model", "version"], [["housing", "1"], ["digits", "12"]]) == (
        "model    version\nhousing  1\ndigits   12"
    )
