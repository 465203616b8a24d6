"""What the README tells people to type, typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture
def type_in(cloud: Cloud, tmp_path: Path) -> Callable[[str], str]:
    def run(commands: str) -> str:
        there = (
            commands.replace("http://127.0.0.1:8080", cloud.api_url)
            .replace("http://127.0.0.1:9000", cloud.data_plane.endpoint)
            .replace(".venv/bin/python", sys.executable)
            .replace("@models/", f"@{ROOT}/models/")
            .replace("curl ", "curl --silent --show-error ")
        )
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", there],
            cwd=tmp_path,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        return done.stdout

    return run


def test_the_first_command_stands_near_the_top() -> None:
    lines = README.splitlines()

    assert lines.index("```sh") < 25


def test_curl_answers_as_the_readme_shows(type_in: Callable[[str], str]) -> None:
    answer = type_in(blocks("sh")[1])

    assert json.loads(answer) == json.loads(blocks("json")[0])


def test_texts_and_pictures_are_answered_as_the_readme_shows(
    type_in: Callable[[str], str],
) -> None:
    answers = type_in(blocks("sh")[2]).replace("}{", "}\n{")

    told = map(json.loads, answers.splitlines())
    for answer, shown in zip(told, map(json.loads, blocks("json")[1].splitlines()), strict=True):
        assert _rounded(answer) == _rounded(shown)


def _rounded(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The last bits of a float depend on the processor."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def test_an_uploaded_file_is_scored_as_the_readme_shows(type_in: Callable[[str], str]) -> None:
    assert type_in(blocks("sh")[3]).rstrip("\n") == blocks("csv")[0].rstrip("\n")


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    table = README.partition("## Commands")[2]
    named = re.findall(
        r"`([a-z]+)`", "".join(re.findall(r"^\| (.*?) \|", table, flags=re.MULTILINE))
    )

    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_the_cards_in_the_documentation_are_cards() -> None:
    from serving.card import parse_card  # noqa: PLC0415 - the engine is no part of the rest

    # Tables of a card that stand alone are indented.
    examples = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs/cards.md").read_text(), re.M | re.S)

    cards = [parse_card(example.encode(), source="docs/cards.md") for example in examples]

    assert [len(card.features) for card in cards] == [0, 4, 9]


def test_the_figures_are_those_of_the_last_measurement() -> None:
    report = json.loads((ROOT / "bench" / "report.json").read_text())
    section = README.partition("## What it costs")[2].partition("A row of a file")[0]
    shown = re.findall(r"\| ([\d.]+(?:, [\d.]+)?) \| [\d.]+ \|", section)

    medians = [f"{figure['median']:.2f}" for figure in report["figures"].values()]
    exponents = ", ".join(f"{exponent:.2f}" for exponent in report["exponents"].values())
    assert shown == [*medians, exponents]


def test_the_figures_of_files_are_those_of_the_last_measurement() -> None:
    report = json.loads((ROOT / "bench" / "batch_report.json").read_text())
    section = README.partition("A row of a file")[2].partition("## Commands")[0]

    shown = re.findall(r"^\| ([\d,]+ x \d+, [\w ]+) \|(.*)\|$", section, flags=re.MULTILINE)
    told = {what: [cell.strip() for cell in cells.split("|")] for what, cells in shown}

    columns = [
        "speed of ours / floor",
        "CPU of ours / floor",
        "speed of ours / floor on one thread",
        "speed of ours end to end / floor",
    ]
    figures = {what: figure["median"] for what, figure in report["figures"].items()}
    assert told == {
        what: [f"{figures[f'{what}: {column}']:.2f}" for column in columns] for what in told
    }
    assert len(told) == 6
