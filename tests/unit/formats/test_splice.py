from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from formats.splice import BINARY, Places, arranged, content, joined, slices, spliced

texts = st.lists(st.binary(max_size=4), max_size=6)


@given(texts)
def test_slices_are_the_pieces_between_the_bounds(pieces: list[bytes]) -> None:
    bounds = np.cumsum([0, *map(len, pieces)])

    assert slices(b"".join(pieces), bounds).to_pylist() == pieces


@given(texts, st.integers(0, 3), st.integers(0, 3))
def test_the_content_is_all_texts_of_an_array_and_of_a_slice_of_it(
    pieces: list[bytes], first: int, length: int
) -> None:
    array = pa.array(pieces, BINARY)

    assert content(array) == b"".join(pieces)
    assert content(array.slice(first, length)) == b"".join(pieces[first : first + length])


def test_texts_are_joined_element_by_element() -> None:
    numbers = pa.array([b"1", b"2"], BINARY)

    assert joined(b"<", numbers, b"=", numbers).to_pylist() == [b"<1=1", b"<2=2"]


@given(st.lists(st.booleans(), max_size=8))
def test_own_texts_stand_at_their_rows_and_the_others_around_them(own: list[bool]) -> None:
    rows = [b"%d" % row for row in range(len(own))]
    mine = {row: rows[row] for row in reversed(range(len(own))) if own[row]}
    others = pa.array([text for text, is_own in zip(rows, own, strict=True) if not is_own], BINARY)

    assert arranged(mine, others, len(own)).to_pylist() == rows


@given(st.lists(st.tuples(*3 * [st.binary(max_size=3)], st.none() | st.binary(max_size=3))))
def test_each_row_has_its_addition_and_a_rewritten_one_other_text(
    rows: list[tuple[bytes, bytes, bytes, bytes | None]],
) -> None:
    data = b"".join(gap + text for gap, text, *_ in rows) + b"rest"
    ends = np.cumsum([0, *(len(gap) + len(text) for gap, text, *_ in rows)])
    starts = [end + len(gap) for end, (gap, *_) in zip(ends, rows, strict=False)]
    places = Places(np.array(starts, np.intp), ends[1:])
    additions = pa.array([addition for _, _, addition, _ in rows], BINARY)
    rewritten = {row: other for row, (*_, other) in enumerate(rows) if other is not None}

    written = spliced(data, places, additions, rewritten)

    expected = b"".join(
        gap + (text if other is None else other) + addition for gap, text, addition, other in rows
    )
    assert written == expected + b"rest"
