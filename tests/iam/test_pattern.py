"""Patterns match as IAM's do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.pattern import arn_matches, matches

PLAIN = st.text(st.characters(exclude_characters="*?"))


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("housing/*", "housing/2026/rows.csv", True),
        ("housing/*", "housing/", True),
        ("housing/*", "housing", False),
        ("housing/*", "digits/housing/rows.csv", False),
        ("row?.csv", "rows.csv", True),
        ("row?.csv", "row.csv", False),
        ("[a-z]", "b", False),
        ("a.c", "abc", False),
        ("Housing", "housing", False),
        ("*", "line\nbreak", True),
    ],
)
def test_a_wildcard_stands_for_text_and_all_else_for_itself(
    pattern: str, text: str, *, is_match: bool
) -> None:
    assert matches(pattern, text) is is_match


@given(PLAIN, PLAIN)
def test_text_without_wildcards_matches_itself_alone(text: str, other: str) -> None:
    assert matches(text, other) == (text == other)


@given(PLAIN, PLAIN, PLAIN)
def test_a_star_stands_for_whatever_is_between(start: str, middle: str, end: str) -> None:
    assert matches(f"{start}*{end}", start + middle + end)


@pytest.mark.parametrize(
    ("pattern", "arn", "is_match"),
    [
        ("*", "arn:aws:s3:::inbox", True),
        ("arn:aws:s3:::inbox/*", "arn:aws:s3:::inbox/a:b", True),
        ("arn:aws:s3:::inbox", "arn:aws:s3:::inbox/rows.csv", False),
        ("arn:aws:sqs:*:1:queue", "arn:aws:sqs:eu-west-1:1:queue", True),
        ("arn:aws:*:1:queue", "arn:aws:sqs:eu-west-1:1:queue", False),
        ("arn:aws:sqs:*:queue", "arn:aws:sqs:eu-west-1:1:queue", False),
        ("arn:aws:logs:r:1:log-group:name:*", "arn:aws:logs:r:1:log-group:name:log-stream:x", True),
    ],
)
def test_no_wildcard_reaches_from_one_part_of_an_arn_into_the_next(
    pattern: str, arn: str, *, is_match: bool
) -> None:
    assert arn_matches(pattern, arn) is is_match
