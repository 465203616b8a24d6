"""VADER's own rules: they rate phrases to train on, and the model is measured beside them."""

from __future__ import annotations

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


class Rules:
    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()

    @property
    def words(self) -> list[str]:
        return sorted(self._analyzer.lexicon)

    def share(self, text: str) -> float:
        """From 0, negative, to 1, positive, as a text's share of raters."""
        return float(0.5 + self._analyzer.polarity_scores(text)["compound"] / 2)
