"""Ratios of two times that were taken in turn, so that both saw the same machine."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles
from typing import NamedTuple, Self


class Ratio(NamedTuple):
    """The quartiles of the ratios, round by round."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Self:
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        return cls(*quantiles(ratios, n=4, method="inclusive"))

    @property
    def is_more(self) -> bool:
        """Beyond noise: three rounds of four say so."""
        return self.low > 1

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"
