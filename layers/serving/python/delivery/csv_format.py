"""CSV files: every input cell byte for byte as it came, then our columns, then `error`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from delivery.block import Scored, in_blocks, score_rows
from delivery.csv_records import Record, records_of
from delivery.errors import BadFileError
from delivery.lines import lines_of
from delivery.names import error_name, require_distinct
from delivery.tally import Tally
from serving.card import Card
from serving.coercion import Cells, from_text
from serving.errors import Fault
from serving.features import Column
from serving.feeds import Rows
from serving.model import Model
from serving.predictions import NamedOutput, Values

# A spreadsheet runs a cell that begins so as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def score_csv(chunks: Iterable[bytes], model: Model, tally: Tally) -> Iterator[bytes]:
    """Score a CSV file as it streams by; raises BadFileError where it cannot be read as one.

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
            cells[column.name] = _read(texts, column)
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


def _read(texts: Sequence[str], column: Column) -> Cells:
    if column.shape:
        return [_array(text) for text in texts]
    return from_text(texts, column.tensor.dtype)


def _array(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def csv_names(output: NamedOutput, card: Card) -> list[str]:
    """The columns of an output: one for each element of a wide one, else one in all."""
    name = f"{card.output_prefix}{output.name}"
    width = _width(output)
    if width == 1:
        return [name]
    return [f"{name}_{label}" for label in output.labels or range(width)]


def _width(output: NamedOutput) -> int:
    shape = output.tensor.row_shape
    return shape[0] if len(shape) == 1 and shape[0] > 1 else 1


def _additions(scored: Scored, outputs: Sequence[NamedOutput], *, width: int) -> Iterator[str]:
    """What is appended to each row: its predictions and an empty error, or blanks and its error."""
    predicted = zip(*_columns(scored.values, outputs), strict=True) if scored.good else iter(())
    blanks = "," * (width - 1)
    for row in range(scored.length):
        fault = scored.faults.get(row)
        yield ",".join(next(predicted)) + "," if fault is None else blanks + quoted(str(fault))


def _columns(values: Mapping[str, Values], outputs: Sequence[NamedOutput]) -> Iterator[list[str]]:
    for output in outputs:
        entries = values[output.name]
        if _width(output) == 1:
            yield _texts(entries)
        else:
            for key in output.labels or range(_width(output)):
                yield _texts([entry[key] for entry in entries])


def _texts(values: Values) -> list[str]:
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return [_text(entry) for entry in values]
    if any(isinstance(value, (str, list, dict)) for value in values[:1]):
        return [_text(value) for value in values]
    numbers = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1].split(",")
    return ["" if number == "null" else number for number in numbers]


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a graph may answer
    if isinstance(value, str):
        return quoted(f"'{value}" if value.startswith(FORMULA_STARTS) else value)
    return quoted(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode())


def quoted(text: str) -> str:
    """A cell as RFC 4180 writes it."""
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
