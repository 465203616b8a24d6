"""A finding: what was looked at, whether it will break, and what to do about it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Grade(StrEnum):
    """What happens to a deployment that is made all the same."""

    BREAKS = "breaks"
    WARNS = "warns"
    FINE = "fine"


class Finding(NamedTuple):
    grade: Grade
    what: str
    sentence: str


def advised(sentence: str, *ways: str) -> str:
    """With the ways out that there are."""
    there = [way for way in ways if way]
    return f"{sentence}: {', or '.join(there)}" if there else sentence
