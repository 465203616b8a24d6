"""Blocks are whole records, however the bytes come; spans are whole blocks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats import text_blocks
from formats.csv_boundaries import record_ends
from formats.row_file import Block, Span
from formats.text_blocks import Records, blocks_of, require_utf_8, spans_of
from serving.errors import MalformedInputError
from tests.unit.formats.text_files import MemoryText, set_block_limits

cells = st.sampled_from(["a", "", '"b"', '"c\nd"', '"e,\r\n""f"', 'g"'])
records = st.lists(cells, min_size=1, max_size=3).map(",".join)
files = st.builds(
    "{}{}".format,
    st.lists(st.builds("{}{}".format, records, st.sampled_from(["\n", "\r\n"]))).map("".join),
    records,
)


def cut(text: str, *, chunk_bytes: int = 7, span: Span | None = None) -> list[Block[Records]]:
    span = span or Span(0, None)
    chunks = MemoryText(text.encode(), chunk_bytes).stream(span.start)
    return list(blocks_of(chunks, span, record_ends))


def texts_of(blocks: list[Block[Records]]) -> list[str]:
    return [block.body.data.decode() for block in blocks]


@given(files, st.integers(1, 20), st.integers(1, 4), st.integers(1, 30))
def test_blocks_are_consecutive_and_hold_whole_records(
    text: str, size_bytes: int, most: int, chunk_bytes: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes, records=most)
        blocks = cut(text, chunk_bytes=chunk_bytes)

    whole = text.encode()
    assert "".join(texts_of(blocks)) == text
    assert [whole[block.start : block.stop] for block in blocks] == [b.body.data for b in blocks]
    assert all(before.stop == block.start for before, block in pairwise(blocks))
    ends = [block.start + end for block in blocks for end in block.body.ends.tolist()]
    last = [] if text.endswith("\n") or not text else [len(whole)]
    assert ends == [*record_ends(whole).tolist(), *last]
    assert all(len(block.body.ends) <= most for block in blocks)


@given(files, st.integers(1, 20), st.integers(1, 40), st.integers(1, 40))
def test_blocks_do_not_depend_on_how_the_bytes_come(
    text: str, size_bytes: int, first: int, second: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes)

        assert texts_of(cut(text, chunk_bytes=first)) == texts_of(cut(text, chunk_bytes=second))


@given(files, st.integers(1, 20), st.integers(1, 60))
def test_spans_are_the_whole_file_and_their_blocks_are_too(
    text: str, size_bytes: int, span_bytes: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_block_limits(patch, size_bytes=size_bytes)
        spans = list(spans_of(cut(text), span_bytes))
        found = [texts_of(cut(text, span=span)) for span in spans]

    assert (spans[0].start, spans[-1].stop) == (0, None)
    assert all(before.stop == span.start for before, span in pairwise(spans))
    assert "".join(piece for span in found for piece in span) == text
    assert all(span.stop - span.start >= span_bytes for span in spans[:-1] if span.stop)


def test_nothing_is_one_span_without_a_block() -> None:
    assert cut("") == []
    assert list(spans_of([], 10)) == [Span(0, None)]


def test_no_chunk_is_read_before_its_block_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    set_block_limits(monkeypatch, size_bytes=40)
    chunks = iter([b"1,2\n"] * 100)

    next(blocks_of(chunks, Span(0, None), record_ends))

    assert sum(1 for _ in chunks) == 90


def test_a_record_of_the_greatest_size_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    set_block_limits(monkeypatch, size_bytes=2)
    monkeypatch.setattr(text_blocks, "MAX_RECORD_BYTES", 10)

    assert texts_of(cut('a\n"34567\n9"\nb')) == ["a\n", '"34567\n9"\n', "b"]


@pytest.mark.parametrize("text", ["a\n12345678901\nb\n", 'a\n"234567\n901\n', "a\n12345678901"])
def test_a_longer_one_makes_a_bad_file_and_is_given_up_before_it_fills_the_memory(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_block_limits(monkeypatch, size_bytes=2)
    monkeypatch.setattr(text_blocks, "MAX_RECORD_BYTES", 10)

    with pytest.raises(MalformedInputError) as raised:
        cut(text + "x" * 1000)

    assert str(raised.value) == (
        "byte 2: expected records of up to 10 bytes, got a longer one; is there a quote that never "
        "closes?"
    )


@pytest.mark.parametrize(
    ("text", "begin"), [('"b', 0), ('a\nb,"', 2), ('a\n"b\n\n', 2), ('a\nc\n"b""', 4)]
)
def test_a_quote_that_never_closes_makes_a_bad_file(text: str, begin: int) -> None:
    with pytest.raises(MalformedInputError) as raised:
        cut(text)

    assert str(raised.value) == (f"byte {begin}: expected a closing quote before the end, got none")


def test_other_bytes_than_utf_8_are_found_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    set_block_limits(monkeypatch, size_bytes=4)
    chunks = iter([b"abc\nde\xffg\n"])

    first, second = blocks_of(chunks, Span(0, None), record_ends)

    require_utf_8(first)
    with pytest.raises(MalformedInputError) as raised:
        require_utf_8(second)
    assert str(raised.value) == "expected UTF-8 text, got other bytes near byte 6"
