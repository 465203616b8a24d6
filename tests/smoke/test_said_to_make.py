"""What a shell has exported for other commands does not change what make's targets are about."""

from __future__ import annotations

import os
import subprocess

import pytest

from local.assembly import ROOT

EXPORTED = {
    "API_URL": "https://dev.example.com",
    "INBOX": "another-inbox",
    "RESULTS": "other-results",
    "KEY": "another/key",
    "VERSION": "7",
    "SEND": "1",
    "REPLAY": "1",
}


def commands(*said: str) -> list[str]:
    """Of ours, those that make would run."""
    answer = subprocess.run(
        ["make", "--dry-run", *said],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **EXPORTED},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = answer.stdout.replace("\\\n", "").splitlines()
    return [" ".join(line.split()) for line in lines if line.startswith("python -m ")]


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("smoke STAGE=prod", "smoke --stage prod"),
        ("verify KEY=housing/", 'operations verify "housing/"'),
        ("submit PREFIX=housing/", 'operations submit "housing/"'),
        ("dead-letters MODEL=housing", 'operations dead-letters "housing"'),
        ("admit MODEL=housing", 'registry admit "housing"'),
    ],
)
def test_what_is_exported_is_not_said(said: str, command: str) -> None:
    assert commands(*said.split()) == [f"python -m {command}"]


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("smoke API_URL=https://a.example", 'smoke --api-url "https://a.example"'),
        ("submit PREFIX=a/ SEND=1 INBOX=b", 'operations submit "a/" --send --inbox "b"'),
        ("admit MODEL=housing VERSION=2", 'registry admit "housing" --version 2'),
    ],
)
def test_what_is_said_counts(said: str, command: str) -> None:
    assert commands(*said.split()) == [f"python -m {command}"]
