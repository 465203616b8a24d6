from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.csv_grid import read_grid
from serving.coercion import from_text

FLOAT32 = np.dtype(np.float32)
cells = st.text(st.sampled_from("0123456789+-.eE \t\ufeff"), max_size=5) | st.floats().map(repr)


def test_numbers_are_read_in_the_order_of_the_columns() -> None:
    grid = read_grid(b"1,2.5,-3\n4e2,5,.6\n", 2, 3, [2, 0, 1])

    assert grid is not None
    assert grid.tolist() == [[-3.0, 1.0, 2.5], [0.6, 400.0, 5.0]]


def test_other_columns_may_hold_anything() -> None:
    grid = read_grid("é,1\n,2".encode(), 2, 2, [1])

    assert grid is not None
    assert grid.tolist() == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "text",
    [
        b"1,2\n3\n",
        b"1,2\n3,4,5\n",
        b"1,2\n\n3,4\n",
        b'1,2\n"3",4\n',
        b"1,2\r\n3,4\r\n",
        b"1\n\n2,3\n",
    ],
    ids=["short", "long", "blank line", "quotes", "carriage returns", "as many cells in all"],
)
def test_what_is_no_grid_is_left_to_others(text: bytes) -> None:
    assert read_grid(text, 2, 2, [0, 1]) is None


@pytest.mark.parametrize("cell", ["", "a", "1 ", "1_0", "0x1", "1.5.2", "\u0661"])
def test_so_is_a_cell_that_is_no_number(cell: str) -> None:
    assert read_grid(f"1,2\n3,{cell}\n".encode(), 2, 2, [0, 1]) is None


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_is_read_is_what_the_cells_spell(rows: list[tuple[str, str]]) -> None:
    text = "".join(f"{one},{other}\n" for one, other in rows)

    grid = read_grid(text.encode(), len(rows), 2, [0, 1])

    if grid is not None:
        read = [value for value in grid.ravel().tolist() if np.isfinite(value)]
        spelled = [*from_text([cell for row in rows for cell in row], FLOAT32)]
        assert read == [
            value for value in spelled if isinstance(value, int | float) and np.isfinite(value)
        ]
