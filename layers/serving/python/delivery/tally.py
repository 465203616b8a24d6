"""The running count of a file's rows, and the first of its errors."""

from __future__ import annotations

from decimal import Decimal

from delivery.block import Scored
from delivery.errors import BadFileError
from delivery.manifest import RowCounts, RowError
from serving.card import Card

MAX_ERRORS = 20


class Tally:
    """Counts blocks as they are scored; rows are numbered from 1 through the whole file."""

    def __init__(self) -> None:
        self._total = 0
        self._bad = 0
        self.errors: list[RowError] = []

    @property
    def rows(self) -> RowCounts:
        return RowCounts(total=self._total, ok=self._total - self._bad, bad=self._bad)

    @property
    def next_row(self) -> int:
        return self._total + 1

    def add(self, scored: Scored) -> None:
        for row in sorted(scored.faults)[: MAX_ERRORS - len(self.errors)]:
            fault = scored.faults[row]
            number = self.next_row + row
            self.errors.append(RowError(number, fault.column, fault.expected, fault.got))
        self._total += scored.length
        self._bad += len(scored.faults)

    def require(self, card: Card) -> None:
        """Raises BadFileError where more rows are bad than the card's error_threshold allows."""
        allowed = self._allowed(card.error_threshold)
        if self._bad > allowed:
            first = self.errors[0]
            raise BadFileError(
                f"{self._refusal(allowed)}; the first is row {first.row}: "
                f"{first.column or 'the row'}: expected {first.expected}, got {first.got}"
            )

    def _refusal(self, allowed: int) -> str:
        if self._bad == self._total:
            return f"expected a good row among {self._total}, got none"
        return f"expected at most {allowed} bad rows of {self._total}, got {self._bad}"

    def _allowed(self, threshold: float | None) -> int:
        if threshold is None:
            return max(self._total - 1, 0)
        if isinstance(threshold, int):
            return threshold
        # In binary, 0.29 of 100 rows are less than 29.
        return int(Decimal(str(threshold)) * self._total)
