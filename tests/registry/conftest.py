"""A models directory with one model, `adder`, and the commands as a shell calls them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from registry.__main__ import main
from tests import graphs

TOTALS = {"instances": [[1, 2], [3, 4.5]], "predictions": [{"total": 3.0}, {"total": 7.5}]}


class Outcome(NamedTuple):
    """What a command left behind: its code, and what it wrote to its two streams."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """models/adder/1, which adds two numbers, keeps two golden rows and is live."""
    version = graphs.save(graphs.total(), tmp_path / "models" / "adder" / "1", card="live = 1\n")
    (version / "golden.json").write_bytes(orjson.dumps(TOTALS))
    return tmp_path / "models"


@pytest.fixture
def command(models: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> Outcome:
        code = main([*arguments, "--models-dir", str(models)])
        return Outcome(code, *capsys.readouterr())

    return run
