from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving import lines
from serving.errors import MalformedInputError
from serving.lines import lines_of

texts = st.text(st.sampled_from("ab,\n\r\u2028é𝄞\ufeff"), max_size=60)
cuts = st.lists(st.integers(0, 240), max_size=10)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


@given(texts, cuts)
@example("é\n𝄞", [1, 4, 5, 6])
def test_the_lines_do_not_depend_on_where_the_stream_is_cut(text: str, places: list[int]) -> None:
    assert list(lines_of(cut(text.encode(), places))) == list(lines_of([text.encode()]))


@given(texts)
def test_the_lines_together_are_the_text_and_each_ends_at_its_only_line_feed(text: str) -> None:
    found = list(lines_of([text.encode()]))

    assert "".join(found) == text
    assert all("\n" not in line[:-1] for line in found)
    assert all(line.endswith("\n") for line in found[:-1])


def test_only_a_line_feed_ends_a_line() -> None:
    assert list(lines_of([b"a\rb\x0bc\xe2\x80\xa8d\r\ne"])) == ["a\rb\x0bc\u2028d\r\n", "e"]


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_nothing_has_no_lines(chunks: list[bytes]) -> None:
    assert list(lines_of(chunks)) == []


@pytest.mark.parametrize(
    "chunks",
    [[b"ab\n", b"c\xff"], [b"ab\n", b"c\xc3"], ["ab\n".encode("utf-16")], [b"\xed\xa0\x80"]],
    ids=["not UTF-8", "cut within a character", "UTF-16", "a surrogate"],
)
def test_other_bytes_than_utf_8_make_a_bad_file(chunks: list[bytes]) -> None:
    with pytest.raises(
        MalformedInputError, match=r"expected UTF-8 text, got other bytes near byte \d"
    ):
        list(lines_of(chunks))


@pytest.mark.parametrize(
    "chunks", [[b"123456"], [b"123456\n"], [b"1\n", b"123", b"456\n1"], [b"123", b"456"]]
)
def test_a_line_that_is_too_long_makes_a_bad_file_however_it_is_cut(
    chunks: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_CHARACTERS", 5)

    with pytest.raises(
        MalformedInputError, match="expected lines of up to 5 characters, got a longer"
    ):
        list(lines_of(chunks))


def test_a_line_of_the_greatest_length_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_CHARACTERS", 5)

    assert list(lines_of([b"123", b"45\n12345"])) == ["12345\n", "12345"]
