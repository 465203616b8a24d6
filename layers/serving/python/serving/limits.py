"""How much is scored at once, where somebody waits for the answer."""

from __future__ import annotations

from collections.abc import Sequence

from serving.errors import OversizedInputError
from serving.features import Column, Columns

# A row costs microseconds whatever is in it, and a body of 6 MB has room for two million.
MAX_ROWS = 100_000
# A cell that a row leaves out takes no bytes of the body, but memory and time all the same.
MAX_CELLS = 1_000_000
# A word becomes a row of tokens, and a small picture as many pixels as a large one.
MAX_PREPARED_ELEMENTS = 16 * 1024 * 1024


def require_room(rows: int, columns: Sequence[Column]) -> None:
    """Raises OversizedInputError above MAX_ROWS rows, MAX_CELLS cells in them, or
    MAX_PREPARED_ELEMENTS that their texts and pictures become."""
    columns = Columns(columns)
    _require("rows", MAX_ROWS, rows)
    # What was sent for an open extent has taken room in the body.
    _require("cells", MAX_CELLS, rows * columns.row_size)
    _require("tokens and pixels", MAX_PREPARED_ELEMENTS, rows * columns.prepared_size)


def require_lines(content: bytes) -> None:
    """Raises OversizedInputError where text has more lines than MAX_ROWS; blank ones count too."""
    _require("lines", MAX_ROWS, content.count(b"\n"))


def _require(what: str, most: int, got: int) -> None:
    if got > most:
        raise OversizedInputError(
            f"the body: expected at most {most} {what}, got {got}; "
            "send fewer rows at a time, or a file for batch scoring"
        )
