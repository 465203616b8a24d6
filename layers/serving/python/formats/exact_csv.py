"""CSV rows read one by one, by the very rules."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from formats.csv_header import CsvHeader
from formats.errors import BadFileError
from serving.coercion import Cells
from serving.csv_predictions import quoted
from serving.csv_records import MAX_CELL_CHARACTERS
from serving.csv_rows import read_cells
from serving.errors import Fault
from serving.features import Column
from serving.feeds import Rows
from serving.model import Model


@dataclass(frozen=True, slots=True)
class ExactRows:
    """Rows by their cells. `misshapen` ones have too few or too many; `reshaped` are their texts
    with as many as the header has. Both by the rows' numbers in the block."""

    rows: Rows
    misshapen: Mapping[int, Fault]
    reshaped: Mapping[int, bytes]


def read_exact(texts: Mapping[int, str], header: CsvHeader, model: Model) -> ExactRows:
    """Read records without their line endings, by their rows' numbers in the block.

    Raises BadFileError at a lone carriage return outside of quotes, at a cell of more than
    MAX_CELL_CHARACTERS, and at a row that is too long, unless the card has such rows marked.
    """
    records = dict(_records(texts, header, model))
    odd = {row: cells for row, cells in records.items() if len(cells) != header.width}
    return ExactRows(
        Rows(len(records), _columns(list(records.values()), header, model.columns)),
        {
            row: Fault(row, None, f"{header.width} cells", str(len(cells)))
            for row, cells in odd.items()
        },
        {row: _reshaped(texts[row], cells, header.width).encode() for row, cells in odd.items()},
    )


def _records(
    texts: Mapping[int, str], header: CsvHeader, model: Model
) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(texts.values())
    for row in texts:
        try:
            cells = next(reader)
        except csv.Error as error:
            raise BadFileError(
                "expected records that end in line feeds, of cells of up to "
                f"{MAX_CELL_CHARACTERS} characters, got a carriage return or a longer cell",
                row=row + 1,
            ) from error
        if len(cells) > header.width and model.card.long_rows == "reject":
            raise BadFileError(
                f"expected {header.width} cells, got {len(cells)}; quote the cells with commas, or "
                f'set batch.long_rows = "mark" in model.toml',
                row=row + 1,
            )
        yield row, cells


def _columns(
    records: Sequence[list[str]], header: CsvHeader, columns: Sequence[Column]
) -> dict[str, Cells]:
    cells = {}
    for column in columns:
        position = header.positions[column.name]
        texts = [record[position] if position < len(record) else "" for record in records]
        cells[column.name] = _read(texts, column)
    return cells


def _read(texts: Sequence[str], column: Column) -> Cells:
    # A blank beside them keeps cells from being read all at once, as float64: so 5 stays 5, and
    # what is said of a wrong cell depends on no other.
    return read_cells([*texts, ""], column)[:-1]


def _reshaped(text: str, cells: Sequence[str], width: int) -> str:
    if len(cells) > width:
        return ",".join(map(quoted, cells[:width]))
    return text + "," * (width - len(cells))
