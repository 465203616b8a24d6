"""The command line of training scripts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from training import script


class Trainer:
    """Writes down what it is asked, and measures every version alike."""

    def __init__(self) -> None:
        self.published: list[tuple[Path, int]] = []

    def publish(self, version_directory: Path, seed: int) -> None:
        self.published.append((version_directory, seed))

    def evaluate(self, version_directory: Path) -> bytes:
        return b'{"of": "%s"}\n' % str(version_directory).encode()


@pytest.fixture
def trainer() -> Trainer:
    return Trainer()


def run(trainer: Trainer, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
    script.run(trainer.publish, trainer.evaluate, seed=7)


@pytest.mark.parametrize(("arguments", "seed"), [([], 7), (["--seed", "3"], 3)])
def test_a_version_is_trained_with_the_scripts_seed_or_another(
    arguments: list[str], seed: int, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(trainer, monkeypatch, "--out", "models/adder/2", *arguments)

    assert trainer.published == [(Path("models/adder/2"), seed)]


def test_an_evaluation_goes_to_standard_output_as_it_is(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(trainer, monkeypatch, "--evaluate", "models/adder/1")

    assert capsys.readouterr().out == '{"of": "models/adder/1"}\n'
    assert trainer.published == []


@pytest.mark.parametrize("arguments", [[], ["--out", "2", "--evaluate", "1"]])
def test_it_is_asked_for_one_thing(
    arguments: list[str], trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(trainer, monkeypatch, *arguments)

    assert trainer.published == []
