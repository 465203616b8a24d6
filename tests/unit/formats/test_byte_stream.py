from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.byte_stream import ByteStream

chunks = st.lists(st.binary(max_size=5), max_size=8)


@given(chunks, st.lists(st.integers(0, 9)), st.none() | st.integers(0, 30))
def test_what_is_read_is_what_came_cut_otherwise(
    chunks: list[bytes], sizes: list[int], most: int | None
) -> None:
    whole = b"".join(chunks)[:most]
    stream = ByteStream(chunks, most)

    parts = [stream.read(size) for size in sizes]

    read = b"".join(parts)
    assert whole.startswith(read)
    assert [len(part) for part in parts if len(read) < len(whole)] == (
        sizes if len(read) < len(whole) else []
    )
    assert read + stream.read(100) == whole


def test_what_was_read_before_comes_first() -> None:
    assert ByteStream([b"c", b"de"], None).read(4, behind=b"ab") == b"abcd"


@pytest.mark.parametrize("size", [0, 3])
def test_no_chunk_is_taken_that_is_not_needed(size: int) -> None:
    chunks = iter([b"abc", b"d"])

    ByteStream(chunks, size).read(100)

    assert list(chunks) == ([b"d"] if size else [b"abc", b"d"])


def test_less_than_nothing_is_nothing() -> None:
    assert ByteStream([b"abc"], -2).read(100) == b""
