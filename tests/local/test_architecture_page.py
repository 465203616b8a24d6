"""docs/architecture.md: its rooms are there, and the lint refuses them what it says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = re.findall(r"^\| `([\w/]+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("room", "refused"), ROOMS)
def test_a_room_is_refused_what_the_page_says(room: str, refused: str) -> None:
    lint = tomllib.loads((ROOT / room / "ruff.toml").read_text())["lint"]

    told = set(re.findall(r"`([\w.]+)`", refused))

    assert told <= lint["flake8-tidy-imports"]["banned-api"].keys()


def test_every_room_of_the_layer_and_every_function_is_told_of() -> None:
    rooms = {
        path.parent.relative_to(ROOT).as_posix()
        for pattern in ("layers/serving/python/*/ruff.toml", "functions/*/ruff.toml")
        for path in ROOT.glob(pattern)
    }

    assert rooms <= {room for room, _ in ROOMS}


def test_the_files_that_are_named_are_there() -> None:
    named = re.findall(r"`((?:gateway|serving)/\w+\.py)`", PAGE)

    assert named != []
    assert [name for name in named if not (ROOT / "layers/serving/python" / name).is_file()] == []
