"""docs/models.md: its examples are read, and its commands are there."""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from registry.__main__ import COMMANDS
from registry.quality import Quality
from registry.source import Source, read_sources
from serving.card import parse_card

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "models.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_sources_are_read_as_they_stand(tmp_path: Path) -> None:
    [card] = [example for example in examples("toml") if "source" in example]
    (tmp_path / "model.toml").write_text(card)

    [(version, source)] = read_sources(tmp_path).items()

    assert parse_card(card.encode(), source="the page").live == version
    assert source == Source("s3://models/reviews/2", source.files)
    assert list(source.files) == ["model.onnx", "tokenizer.json"]


def test_the_tolerance_is_read_as_it_stands() -> None:
    [tolerance] = [example for example in examples("toml") if "[golden]" in example]

    assert parse_card(f"live = 1\n{tolerance}".encode(), source="the page").tolerance == 1e-5


def test_the_quality_is_one() -> None:
    [quality] = [example for example in examples("json") if "held_out_rows" in example]

    assert Quality.parse(quality, source="the page").held_out_rows == 110


def test_every_target_that_is_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()

    named = set(re.findall(r"make ([a-z]+)", PAGE))

    assert named == {target for target in named if f"\n{target}: " in makefile}
    assert named >= COMMANDS.keys() - {"fetch"} | {"models"}


def test_the_golden_rows_have_their_two_keys() -> None:
    [golden] = [example for example in examples("json") if "instances" in example]

    assert list(orjson.loads(golden)) == ["instances", "predictions"]
