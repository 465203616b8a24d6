"""Micro-batches: rows of texts and pictures, cut into runs by their tokens and pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from serving.card import Card
from serving.coercion import Array
from serving.features import Columns
from serving.feeds import Feeds
from serving.signature import Tensor


class MicroBatch(NamedTuple):
    """The feeds of one run, and which rows they are of."""

    rows: Array
    feeds: Feeds


class _Text(NamedTuple):
    """The inputs that a text's tokens go to; `mask` is that which says how many there are, where
    the rows of a run are padded as far as the longest."""

    inputs: tuple[Tensor, ...]
    mask: str | None

    def tokens(self, feeds: Feeds, length: int) -> Array:
        """How many each row has."""
        if self.mask is None:
            return np.full(length, self.inputs[0].row_shape[0])
        counts: Array = np.count_nonzero(feeds[self.mask], axis=1)
        return counts

    def trim(self, feeds: Feeds) -> Feeds:
        """Without the padding that all rows share, on either side."""
        if self.mask is None:
            return {}
        used = np.flatnonzero(feeds[self.mask].any(axis=0))
        kept = slice(used[0], used[-1] + 1) if len(used) else slice(1)
        return {tensor.name: feeds[tensor.name][:, kept] for tensor in self.inputs}


class MicroBatches:
    """How a model's rows are cut: into runs with room for their tokens and pixels, or of one row.

    Where padding varies, rows of like lengths run together.
    """

    def __init__(self, columns: Columns, card: Card) -> None:
        self._card = card
        self._texts = [*_texts(columns)]
        self._values = sum(math.prod(picture.inputs[0].row_shape) for picture in columns.pictures)

    def cut(self, feeds: Feeds, length: int) -> Iterator[MicroBatch]:
        tokens = np.zeros(length, np.intp)
        for text in self._texts:
            tokens += text.tokens(feeds, length)
        order = np.argsort(tokens, kind="stable")
        start = 0
        while start < length:
            rows = order[start : start + self._fitting(tokens[order[start:]])]
            picked = {name: array[rows] for name, array in feeds.items()}
            for text in self._texts:
                picked |= text.trim(picked)
            yield MicroBatch(rows, picked)
            start += len(rows)

    def _fitting(self, tokens: Array) -> int:
        """How many rows fit into a run, of some in the order of their tokens."""
        rows = np.arange(1, len(tokens) + 1)
        fit = (rows * tokens <= self._card.tokens_per_run) & (
            rows * self._values <= self._card.values_per_run
        )
        return max(int(np.count_nonzero(fit)), 1)


def _texts(columns: Columns) -> Iterator[_Text]:
    for column in columns:
        text = None if column.feature is None else column.feature.text
        if text is not None:
            mask = text.tensors["attention_mask"] if text.padding == "longest" else None
            yield _Text(column.inputs, mask)
