"""What a model is fed from a batch of Parquet rows.

Numbers go as arrays and are never made objects, but in those rows that lack one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from formats.errors import BadFileError
from serving.coercion import Array, Cells
from serving.errors import Fault
from serving.features import Column
from serving.feeds import Filled, Rows, fill
from serving.signature import ANY


def fill_from_parquet(batch: pa.RecordBatch, columns: Sequence[Column]) -> Filled:
    """Raises BadFileError at text that is not UTF-8."""
    needed = batch.select([column.name for column in columns])
    lacks = _lacks_numbers(needed, columns)
    # Open extents are those of the first row, for all rows that are filled at once.
    if lacks.all() or not lacks.any() or any(ANY in column.shape for column in columns):
        return fill(_rows(needed, columns), columns)
    whole = fill(_rows(needed.filter(pa.array(~lacks)), columns), columns)
    other = fill(_rows(needed.filter(pa.array(lacks)), columns), columns)
    return _merged(np.flatnonzero(~lacks), whole, np.flatnonzero(lacks), other)


def _lacks_numbers(batch: pa.RecordBatch, columns: Sequence[Column]) -> Array:
    """Which rows lack one, and would make objects of all rows' numbers."""
    lacks = np.zeros(batch.num_rows, np.bool_)
    for cells, column in zip(batch.columns, columns, strict=True):
        if cells.null_count and _is_array(cells, column):
            lacks |= cells.is_null().to_numpy(zero_copy_only=False)
    return lacks


def _merged(places: Array, filled: Filled, other_places: Array, others: Filled) -> Filled:
    order = np.argsort(np.concatenate([places, other_places]))
    feeds = {
        name: np.concatenate([array, others.feeds[name]])[order]
        for name, array in filled.feeds.items()
    }
    faults = [*_placed(filled.faults, places), *_placed(others.faults, other_places)]
    return Filled(feeds, faults)


def _placed(faults: Sequence[Fault], places: Array) -> list[Fault]:
    return [fault._replace(row=int(places[fault.row])) for fault in faults]


def _rows(batch: pa.RecordBatch, columns: Sequence[Column]) -> Rows:
    cells = zip(batch.columns, columns, strict=True)
    return Rows(batch.num_rows, {column.name: _cells(array, column) for array, column in cells})


def _cells(cells: pa.Array, column: Column) -> Cells:
    if _is_array(cells, column) and not cells.null_count:
        array: Array = cells.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
        return array
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    try:
        objects: list[object] = cells.to_pylist()
    except UnicodeDecodeError as error:
        raise BadFileError(
            f"column {column.name!r}: expected UTF-8 text, got other bytes"
        ) from error
    return objects


def _is_array(cells: pa.Array, column: Column) -> bool:
    is_number = pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type)
    return is_number and not column.shape and column.tensor.dtype.kind == "f"
