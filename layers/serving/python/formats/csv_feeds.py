"""What a model is fed from a block of CSV rows: the plain ones all at once, the others exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from formats.block import first_faults
from formats.csv_boundaries import Positions
from formats.csv_header import CsvHeader
from formats.csv_rows import CsvRows
from formats.exact_csv import read_exact
from formats.plain_csv import read_plain
from serving.errors import Fault
from serving.feeds import Feeds, fill
from serving.model import Model


@dataclass(frozen=True, slots=True)
class CsvFeeds:
    """Feeds for all rows, each bad row's fault, and the texts of misshapen rows with as many cells
    as the header has."""

    feeds: Feeds
    faults: Mapping[int, Fault]
    reshaped: Mapping[int, bytes]


def fill_from_csv(rows: CsvRows, header: CsvHeader, model: Model) -> CsvFeeds:
    """Raises BadFileError as `read_exact` does."""
    places, feeds = _fill_plain(rows, header, model)
    others = np.delete(np.arange(len(rows)), places)
    if not len(others):
        return CsvFeeds(feeds, {}, {})
    exact = read_exact(rows.texts(others.tolist()), header, model)
    filled = fill(exact.rows, model.columns)
    faults = {
        int(others[row]): fault._replace(row=int(others[row]))
        for row, fault in first_faults(filled.faults).items()
    }
    both = _merged(places, feeds, others, filled.feeds) if len(places) else filled.feeds
    return CsvFeeds(both, {**faults, **exact.misshapen}, exact.reshaped)


def _fill_plain(rows: CsvRows, header: CsvHeader, model: Model) -> tuple[Positions, Feeds]:
    """The feeds of plain rows without a fault, and which ones those are."""
    are_simple = rows.are_simple()
    candidates = np.flatnonzero(are_simple)
    # The shape of arrays may be that of a block's first row: no row can be read without it.
    if not len(candidates) or any(group[0].shape for group in model.columns.groups):
        return candidates[:0], {}
    plain = read_plain(rows.data_of(are_simple), len(candidates), header, model.columns)
    places = candidates[plain.places]
    if not len(places):
        return places, {}
    feeds, faults = fill(plain.rows, model.columns)
    if not faults:
        return places, feeds
    faulty = [fault.row for fault in faults]
    kept = {name: np.delete(array, faulty, axis=0) for name, array in feeds.items()}
    return np.delete(places, faulty), kept


def _merged(places: Positions, feeds: Feeds, others: Positions, other_feeds: Feeds) -> Feeds:
    merged = {}
    for name, array in feeds.items():
        merged[name] = np.empty((len(places) + len(others), *array.shape[1:]), array.dtype)
        merged[name][places] = array
        merged[name][others] = other_feeds[name]
    return merged
