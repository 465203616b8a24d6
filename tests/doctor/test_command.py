"""The command as a shell calls it, where nothing needs to be measured."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from cdk.context import read_context
from doctor.__main__ import main
from local.environment import spawn
from tests import graphs


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def too_big_for_an_image(tmp_path: Path) -> Path:
    """The models directory; its 11 GB take no room on the disk."""
    version = graphs.save(graphs.total(), tmp_path / "models" / "adder" / "1")
    weights = version / "weights.bin"
    weights.touch()
    os.truncate(weights, 11 * 1024**3)
    return tmp_path / "models"


def called(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    code = main([str(argument) for argument in arguments])
    return Outcome(code, *capsys.readouterr())


def test_a_version_that_no_image_holds_breaks(
    too_big_for_an_image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = called(capsys, "--models-dir", too_big_for_an_image)

    assert outcome.code == 1
    assert outcome.out.startswith(f"breaks: {too_big_for_an_image / 'adder' / '1'}: expected ")


def test_what_breaks_before_it_is_measured_is_json_too(
    too_big_for_an_image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = called(capsys, "--models-dir", too_big_for_an_image, "--json")

    document = orjson.loads(outcome.out)
    assert (outcome.code, document["grade"]) == (1, "breaks")
    assert [finding["what"] for finding in document["findings"]] == ["templates"]


def test_a_stage_that_is_not_there_is_no_diagnosis(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = called(capsys, "--stage", "none")

    assert outcome == Outcome(2, "", "stage: expected one of dev, prod, got 'none'\n")


def test_a_cdk_json_that_is_no_json_breaks_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "cdk.json"
    broken.write_text('{"context": {')
    monkeypatch.setattr("doctor.stage.read_context", partial(read_context, broken))

    outcome = called(capsys)

    assert outcome.code == 1
    assert outcome.out.startswith("breaks: cdk.json: expected JSON: ")


@pytest.mark.parametrize("factor", ["abc", "0", "-1", "nan", "inf"])
def test_a_processor_that_is_no_number_times_slower_is_refused(
    factor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        main([f"--cpu-factor={factor}"])

    sentence = f"argument --cpu-factor: expected a number above 0, got {factor}\n"
    assert raised.value.code == 2
    assert capsys.readouterr().err.endswith(sentence)


def test_a_job_that_is_cancelled_leaves_no_directory(tmp_path: Path) -> None:
    doctor = spawn(
        [sys.executable, "-m", "doctor", "--model", "housing"],
        variables={
            **os.environ,
            "TMPDIR": str(tmp_path),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        },
    )
    with doctor:
        assert doctor.stdout is not None
        assert doctor.stdout.readline() == "housing: measuring\n"
        assert [*tmp_path.glob("tmp*")]
        doctor.terminate()
        said = doctor.stdout.read()

    assert (doctor.returncode, said) == (130, "stopped\n")
    assert [*tmp_path.glob("tmp*")] == []


def test_prices_that_cannot_be_read_are_no_diagnosis(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = called(capsys, "--prices", tmp_path / "none.json")

    assert outcome.code == 2
    assert outcome.err.startswith(f"{tmp_path / 'none.json'}: expected a JSON object of prices: ")
