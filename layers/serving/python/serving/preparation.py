"""Preparation: what makes whole tensors of cells that are no elements of them, text or images."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from serving.coercion import Array, Cells


class Prepared(NamedTuple):
    """Tensors of the graph by name, with one entry per row on their first axis.

    `expected` says of each bad row, whose entries are placeholders, what was expected instead: as
    in "expected a PNG, JPEG or WebP image"; `got` what came, where its cell does not show it.
    """

    feeds: dict[str, Array]
    expected: dict[int, str]
    got: Mapping[int, str] = MappingProxyType({})


class Preparation(Protocol):
    """Pure, and the same in every door: rows do not depend on each other."""

    def prepare(self, cells: Cells) -> Prepared:
        """One cell per row; where several columns share a preparation, those of the first column,
        then those of the second, and `expected` counts through all of them."""
        ...
