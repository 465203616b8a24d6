"""CSV files: every input cell byte for byte as it came, then our columns, then `error`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from delivery.block import Scored, in_blocks, score_rows
from delivery.errors import BadFileError
from delivery.names import error_name, require_distinct
from delivery.tally import Tally
from serving.csv_predictions import csv_columns, csv_names, quoted
from serving.csv_records import Record, records_of
from serving.csv_rows import read_cells
from serving.errors import Fault
from serving.feeds import Rows
from serving.lines import lines_of
from serving.model import Model
from serving.predictions import NamedOutput


def score_csv(chunks: Iterable[bytes], model: Model, tally: Tally) -> Iterator[bytes]:
    """Score a CSV file as it streams by; raises InvalidInputError where it cannot be read as
    one.

    Blank lines are no rows and pass through.
    """
    records = records_of(lines_of(chunks))
    header = next(records, None)
    if header is None or not header.cells:
        raise BadFileError("expected a header with the column names, got none")
    added = [name for output in model.outputs for name in csv_names(output, model.card)]
    added.append(error_name(model.card))
    require_distinct(added)
    layout = _Layout(header.cells, model, added)
    yield f"{header.text},{','.join(map(quoted, added))}{header.ending}".encode()
    for block in in_blocks(records, size=lambda record: len(record.text)):
        yield _score_block(block, layout, model, tally)


def _score_block(block: Sequence[Record], layout: _Layout, model: Model, tally: Tally) -> bytes:
    records = [record for record in block if record.cells]
    misshapen = layout.misshapen(records, first_row=tally.next_row)
    scored = score_rows(layout.rows(records), misshapen, model)
    tally.add(scored)
    additions = iter(_additions(scored, model.outputs, width=len(layout.added)))
    return "".join(
        f"{layout.padded(record)},{next(additions)}{record.ending}"
        if record.cells
        else record.ending
        for record in block
    ).encode()


class _Layout:
    """Where the columns stand in a file with this header."""

    def __init__(self, header: Sequence[str], model: Model, added: Sequence[str]) -> None:
        self.added = added
        self._width = len(header)
        self._columns = model.columns
        self._allow_long_rows = model.card.long_rows == "mark"
        for name in added:
            if name in header:
                raise BadFileError(
                    f"expected no column named {name!r}, which the prediction adds; rename it, or "
                    f"set batch.output_prefix in model.toml"
                )
        self._positions = _positions([column.name for column in model.columns], header)

    def rows(self, records: Sequence[Record]) -> Rows:
        cells = {}
        for column in self._columns:
            position = self._positions[column.name]
            texts = [r.cells[position] if position < len(r.cells) else "" for r in records]
            cells[column.name] = read_cells(texts, column)
        return Rows(len(records), cells)

    def misshapen(self, records: Sequence[Record], *, first_row: int) -> dict[int, Fault]:
        """Rows with too few cells; and with too many, where the card allows them at all."""
        faults = {}
        for row, record in enumerate(records):
            count = len(record.cells)
            if count == self._width:
                continue
            if count > self._width and not self._allow_long_rows:
                raise BadFileError(
                    f"row {first_row + row}: expected {self._width} cells, got {count}; quote the "
                    f'cells with commas, or set batch.long_rows = "mark" in model.toml'
                )
            faults[row] = Fault(row, None, f"{self._width} cells", str(count))
        return faults

    def padded(self, record: Record) -> str:
        """A record's text with exactly the header's number of cells."""
        missing = self._width - len(record.cells)
        if missing >= 0:
            return record.text + "," * missing
        return ",".join(map(quoted, record.cells[: self._width]))


def _positions(names: Sequence[str], header: Sequence[str]) -> dict[str, int]:
    missing = [name for name in names if name not in header]
    if missing:
        raise BadFileError(
            f"expected the columns {', '.join(names)} in the header, got none called "
            f"{', '.join(missing)}"
        )
    for name in names:
        if header.count(name) > 1:
            raise BadFileError(f"expected one column {name!r} in the header, got several")
    return {name: header.index(name) for name in names}


def _additions(scored: Scored, outputs: Sequence[NamedOutput], *, width: int) -> Iterator[str]:
    """What is appended to each row: its predictions and an empty error, or blanks and its error."""
    predicted = zip(*csv_columns(scored.values, outputs), strict=True) if scored.good else iter(())
    blanks = "," * (width - 1)
    for row in range(scored.length):
        fault = scored.faults.get(row)
        yield ",".join(next(predicted)) + "," if fault is None else blanks + quoted(str(fault))
