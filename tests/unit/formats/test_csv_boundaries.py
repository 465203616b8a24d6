"""Records end where Python's csv module ends them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from formats.csv_boundaries import record_ends
from serving.csv_records import records_of
from serving.errors import MalformedInputError
from serving.lines import lines_of

anything = st.text(st.sampled_from('a,"\n\r'), max_size=40)


def ends_of(text: str) -> list[int]:
    ends: list[int] = record_ends(text.encode()).tolist()
    return ends


def python_ends(text: str) -> list[int]:
    """Behind which line feeds Python's reader has a whole record, up to what it refuses to read."""
    place, ends = 0, []
    try:
        for record in records_of(lines_of([text.encode()])):
            place += len(record.text + record.ending)
            if record.ending.endswith("\n"):
                ends.append(place)
    except MalformedInputError:
        pass
    return ends


@given(anything)
@example('a\n"')
@example('""\n')
@example('a"\n"\n"\n')
@example('",""",\n"\n')
def test_records_end_where_python_ends_them(text: str) -> None:
    expected = python_ends(text)

    # Behind a lone carriage return Python reads no further, and the file is refused.
    assert ends_of(text)[: len(expected)] == expected
    if "\r" not in text:
        assert ends_of(text) == expected


@given(anything, anything)
def test_what_follows_changes_no_end(text: str, more: str) -> None:
    ends = ends_of(text)

    assert [end for end in ends_of(text + more) if end <= len(text)] == ends


@given(anything, anything)
def test_a_record_ends_where_it_does_if_it_comes_first(text: str, more: str) -> None:
    ends = ends_of(text)
    behind = ends[-1] if ends else 0

    assert ends_of(text[behind:] + more) == [
        end - behind for end in ends_of(text + more) if end > behind
    ]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", []),
        ("a", []),
        ("\n", [1]),
        ("a,b\r\nc\n\nd", [5, 7, 8]),
        ('"a\nb",c\nd\n', [8, 10]),
        ('5" pipe\n6"\n', [8, 11]),
        ('a,"b""\n",c\n', [11]),
        ('a,"b"""\nc\n', [8, 10]),
        ('""\n"""\n"\n', [3, 9]),
        ('"a" "\n"\n"\n', [6, 10]),
    ],
)
def test_a_quote_hides_line_feeds_only_if_it_begins_a_cell(text: str, ends: list[int]) -> None:
    assert ends_of(text) == ends
