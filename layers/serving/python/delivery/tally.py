"""The running count of a file's rows, and the first of its errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from formats.errors import BadFileError
from formats.row_file import MAX_ERRORS, RowCounts, RowError
from serving.card import Card


class Tally:
    """Counts pieces of a file in their order; rows are numbered from 1 through all of them."""

    def __init__(self) -> None:
        self.rows = RowCounts()
        self.errors: list[RowError] = []

    def add(self, rows: RowCounts, errors: Sequence[RowError]) -> None:
        """The next piece, whose errors are numbered within it."""
        before = self.rows.total
        for error in errors[: MAX_ERRORS - len(self.errors)]:
            self.errors.append(replace(error, row=before + error.row))
        self.rows = RowCounts(
            total=before + rows.total, ok=self.rows.ok + rows.ok, bad=self.rows.bad + rows.bad
        )

    def require(self, card: Card) -> None:
        """Raises BadFileError where more rows are bad than the card's error_threshold allows."""
        allowed = self._allowed(card.error_threshold)
        if self.rows.bad > allowed:
            first = self.errors[0]
            raise BadFileError(
                f"{self._refusal(allowed)}; the first is row {first.row}: "
                f"{first.column or 'the row'}: expected {first.expected}, got {first.got}"
            )

    def _refusal(self, allowed: int) -> str:
        if self.rows.ok == 0:
            return f"expected a good row among {self.rows.total}, got none"
        return f"expected at most {allowed} bad rows of {self.rows.total}, got {self.rows.bad}"

    def _allowed(self, threshold: float | None) -> int:
        if threshold is None:
            return max(self.rows.total - 1, 0)
        if isinstance(threshold, int):
            return threshold
        # In binary, 0.29 of 100 rows are less than 29.
        return int(Decimal(str(threshold)) * self.rows.total)
