"""Negotiation: what an Accept header prefers of what there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.negotiation import media_type, preferred

OFFERS = ("application/json", "text/csv", "application/jsonl")


@pytest.mark.parametrize(
    ("accept", "offer"),
    [
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV ; header=present", "text/csv"),
        ("*/*", "application/json"),
        ("", "application/json"),
        (" , ", "application/json"),
        ("text/*", "text/csv"),
        ("application/*", "application/json"),
        ("text/html, application/jsonl", "application/jsonl"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("application/json; q=0.5, text/csv; Q=0.4", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("*/*, application/json;q=0", "text/csv"),
        ("application/*;q=0.2, application/jsonl;q=0.3", "application/jsonl"),
        ("text/*;q=0, */*;q=0.1", "application/json"),
        ("*/*;q=1.000", "application/json"),
        ("text/csv;q=0.001", "text/csv"),
    ],
)
def test_the_offer_of_the_highest_quality_is_preferred(accept: str, offer: str) -> None:
    assert preferred(accept, OFFERS) == offer


@pytest.mark.parametrize(
    "accept",
    ["image/png", "*/*;q=0", "text/csv;q=0.0", "text/csv;q=nan", "text/csv;q=", "json", ";", "*"],
)
def test_a_header_may_allow_none(accept: str) -> None:
    assert preferred(accept, OFFERS) is None


@given(st.text() | st.text("*/;,=q.01textcsv "))
def test_any_header_is_read(accept: str) -> None:
    assert preferred(accept, OFFERS) in {*OFFERS, None}


def test_a_media_type_has_neither_parameters_nor_capitals() -> None:
    assert media_type(" Text/CSV ; charset=utf-8") == "text/csv"
