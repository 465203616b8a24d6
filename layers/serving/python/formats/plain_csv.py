"""The plain rows of CSV text, read at Arrow's speed: all at once, or column by column.

Plain are rows of which Arrow surely reads what `exact_csv` reads. Which ones are not is found out
on the way, so that a few of them cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from formats.csv_boundaries import Positions
from formats.csv_grid import Floats, read_grid
from formats.csv_header import CsvHeader
from serving.coercion import ABSENT, EXACT_FLOAT64, Cells
from serving.csv_rows import read_cells
from serving.features import Column, Columns
from serving.feeds import Rows
from serving.lines import BOM

Mask = NDArray[np.bool_]

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class PlainRows:
    """Plain rows, and which of the rows in the text they are."""

    places: Positions
    rows: Rows


def read_plain(text: bytes, length: int, header: CsvHeader, columns: Sequence[Column]) -> PlainRows:
    """Read the plain rows among `length` in UTF-8, for columns of scalars. Blank lines are no rows;
    a carriage return may stand nowhere but before a line feed."""
    if Columns(columns).fit_a_matrix:
        positions = [header.positions[column.name] for column in columns]
        grid = read_grid(text, length, header.width, positions)
        if grid is not None:
            return _of_grid(grid, columns)
    return _by_column(text, length, header, columns)


def _of_grid(grid: Floats, columns: Sequence[Column]) -> PlainRows:
    is_plain = _are_plain(grid).all(axis=1)
    matrix = grid if is_plain.all() else grid[is_plain]
    cells: dict[str, Cells] = {
        column.name: line for column, line in zip(columns, matrix.T, strict=True)
    }
    return PlainRows(np.flatnonzero(is_plain), Rows(len(matrix), cells, matrix))


def _are_plain(values: Floats) -> Mask:
    # JSON reads "-0" as the integer 0 and "-0.0" as a float.
    are_plain: Mask = np.isfinite(values) & ~((values == 0) & np.signbit(values))
    return are_plain


def _by_column(text: bytes, length: int, header: CsvHeader, columns: Sequence[Column]) -> PlainRows:
    names = [str(header.positions[column.name]) for column in columns]
    table, misshapen = _parse(text, header.width, names)
    read = [
        _read(table[name].combine_chunks(), column)
        for name, column in zip(names, columns, strict=True)
    ]
    is_plain = np.logical_and.reduce([part.is_plain for part in read])
    places = np.delete(np.arange(length), misshapen)[is_plain]
    cells = {column.name: part.cells(is_plain) for part, column in zip(read, columns, strict=True)}
    return PlainRows(places, Rows(len(places), cells))


def _parse(text: bytes, width: int, names: Sequence[str]) -> tuple[pa.Table, list[int]]:
    """Columns as text, named by their positions; and the rows that are left out, for they have
    fewer or more cells."""
    misshapen: list[int] = []
    # Arrow drops a byte order mark at the very beginning, where it is part of a cell for us.
    text = b"\n" + text if text.startswith(BOM.encode()) else text

    def skip(row: csv.InvalidRow) -> str:
        misshapen.append(row.number - 1)
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(
            use_threads=False,
            block_size=len(text) + 1,
            column_names=[str(position) for position in range(width)],
        ),
        csv.ParseOptions(newlines_in_values=b'"' in text, invalid_row_handler=skip),
        csv.ConvertOptions(
            check_utf8=False,
            include_columns=names,
            column_types=dict.fromkeys(names, pa.string()),
        ),
    )
    return table, misshapen


def _read(texts: pa.StringArray, column: Column) -> _Numbers | _Others:
    if column.tensor.dtype.kind not in "fiu":
        return _Others(read_cells(texts.to_pylist(), column), np.ones(len(texts), bool))
    values, is_absent = _numbers(texts)
    is_plain = _are_plain(values)
    if column.tensor.dtype.kind != "f":
        is_plain &= (np.abs(values) < EXACT_FLOAT64) & (np.trunc(values) == values)
    if column.feature is None or column.feature.missing == "reject":
        is_absent = np.zeros(len(values), bool)
    return _Numbers(values, is_plain | is_absent, is_absent, column.tensor.dtype)


def _numbers(texts: pa.StringArray) -> tuple[Floats, Mask]:
    """The float64 that each text spells, or something that is not finite; and which are blank."""
    try:
        values = texts.cast(pa.float64())
        return values.to_numpy(), np.zeros(len(values), bool)
    except pa.ArrowInvalid:
        trimmed = pc.utf8_trim(texts, " \t")
        spelled = pc.if_else(pc.match_substring_regex(trimmed, NUMBER), trimmed, "nan")
        is_blank = pc.equal(trimmed, "").to_numpy(zero_copy_only=False)
        return spelled.cast(pa.float64()).to_numpy(), is_blank


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The numbers of one column; what is not plain has any value."""

    values: Floats
    is_plain: Mask
    is_absent: Mask
    dtype: np.dtype[Any]

    def cells(self, rows: Mask) -> Cells:
        values, is_absent = self.values[rows], self.is_absent[rows]
        if self.dtype.kind == "f" and not is_absent.any():
            return values
        values[is_absent] = 0
        numbers: list[object] = (
            values if self.dtype.kind == "f" else values.astype(np.int64)
        ).tolist()
        for row in np.flatnonzero(is_absent):
            numbers[row] = ABSENT
        return numbers


@dataclass(frozen=True, slots=True)
class _Others:
    """The other cells of one column, which Python reads anyway."""

    values: Cells
    is_plain: Mask

    def cells(self, rows: Mask) -> Cells:
        return list(compress(self.values, rows))
