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
    """Raises OversizedInputError above MAX_ROWS rows, MAX_CELLS cells in them, MAX_TOKENS of their
    texts, or MAX_PREPARED_ELEMENTS that their texts and pictures become."""
    columns = Columns(columns)
    _require("rows", MAX_ROWS, rows)
    # What was sent for an open extent has taken room in the body.
    _require("cells", MAX_CELLS, rows * columns.row_size)
    if columns.prepared_size:
        _require_tokens(rows, columns)
    _require("tokens and pixels", MAX_PREPARED_ELEMENTS, rows * columns.prepared_size)


def _require_tokens(rows: int, columns: Columns) -> None:
    """As if each text were as long as the card lets one be: how long it is, only work can tell."""
    features = [column.feature for column in columns if column.is_prepared]
    texts = [feature.text for feature in features if feature is not None and feature.text]
    if texts:
        # A model of numbers and categories starts without it.
        from serving.card_texts import MAX_TOKENS  # noqa: PLC0415

        tokens = sum(text.max_tokens or 0 for text in texts)
        _require("tokens, which is rows times max_tokens", MAX_TOKENS, rows * tokens)


def require_lines(content: bytes) -> None:
    """Raises OversizedInputError where text has more lines than MAX_ROWS; blank ones count too."""
    _require("lines", MAX_ROWS, content.count(b"\n"))


def _require(what: str, most: int, got: int) -> None:
    if got > most:
        raise OversizedInputError(
            f"the body: expected at most {most} {what}, got {got}; "
            "send fewer rows at a time, or a file for batch scoring"
        )
