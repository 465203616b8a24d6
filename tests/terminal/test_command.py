from __future__ import annotations

import argparse
from types import ModuleType

import pytest

from terminal.command import exit_code, parser_of

STOPPED = "stopped; nothing is left of it"


class ExpectedError(Exception):
    pass


def ends(work: BaseException | int) -> int:
    def run() -> int:
        if isinstance(work, BaseException):
            raise work
        return work

    return exit_code(run, errors=(ExpectedError,), when_stopped=STOPPED)


@pytest.mark.parametrize("code", [0, 1])
def test_a_command_ends_with_its_own_code(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(code) == code
    assert capsys.readouterr() == ("", "")


def test_a_command_that_cannot_do_its_work_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(ExpectedError("model.onnx: expected one, found none")) == 2
    assert capsys.readouterr() == ("", "model.onnx: expected one, found none\n")


def test_a_stopped_command_says_what_it_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", f"{STOPPED}\n")


def test_an_error_that_nobody_expected_shows_its_trace() -> None:
    with pytest.raises(ZeroDivisionError):
        ends(ZeroDivisionError())


def test_each_command_has_its_own_options_and_the_common_ones() -> None:
    verify = ModuleType("verify", "Which results are whole.")
    verify.__dict__["add_options"] = lambda parser: parser.add_argument("key")
    parser = parser_of(
        "python -m example", None, {"verify": verify}, lambda each: each.add_argument("--stage")
    )

    options = parser.parse_args(["verify", "a.csv", "--stage", "dev"])

    assert options == argparse.Namespace(command="verify", key="a.csv", stage="dev")
