"""CSV files: every input cell byte for byte as it came, then our columns, then `error`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from formats.block import Scored, most_rows, score_feeds
from formats.csv_boundaries import Positions, record_ends
from formats.csv_feeds import fill_from_csv
from formats.csv_header import CsvHeader
from formats.csv_rows import CsvRows
from formats.errors import BadFileError
from formats.predicted_texts import csv_texts
from formats.row_file import Block, RowCounts, ScoredBlock, Span
from formats.source import Text
from formats.splice import BINARY, Places, arranged, joined, spliced
from formats.text_blocks import Records, blocks_of, require_utf_8, spans_of
from formats.text_encoder import TextEncoder
from serving.csv_predictions import quoted
from serving.csv_records import records_of
from serving.lines import BOM, lines_of
from serving.model import Model


class CsvFile:
    """A header and records; blank lines are no rows and pass through. See RowFile."""

    def __init__(self, text: Text, model: Model) -> None:
        self._text = text
        self._model = model
        data = _first_record(text)
        record = next(records_of(lines_of([data])), None)
        if record is None or not record.cells:
            raise BadFileError("expected a header with the column names, got none")
        self._header_bytes = len(data)
        self._header = CsvHeader(record, model)

    def spans(self, size_bytes: int) -> Iterator[Span]:
        return spans_of(self.blocks(Span(0, None)), size_bytes)

    def blocks(self, span: Span) -> Iterator[Block[Records]]:
        if span.start:
            yield from self._blocks(span)
            return
        for block in self._blocks(Span(self._header_bytes, span.stop)):
            is_first = block.start == self._header_bytes
            yield replace(block, start=0) if is_first else block

    def _blocks(self, span: Span) -> Iterator[Block[Records]]:
        most = most_rows(self._model.columns)
        return blocks_of(self._text.stream(span.start), span, record_ends, most)

    def score(self, block: Block[Records]) -> ScoredBlock[bytes]:
        require_utf_8(block)
        rows = CsvRows(block.body)
        if not len(rows):
            return ScoredBlock(rows.data, RowCounts(), ())
        filled = fill_from_csv(rows, self._header, self._model)
        scored = score_feeds(filled.feeds, len(rows), filled.faults, self._model)
        additions = self._additions(scored)
        data = spliced(rows.data, Places(rows.starts, rows.stops), additions, filled.reshaped)
        return ScoredBlock(data, scored.counts, scored.errors)

    def encoder(self, start: int) -> TextEncoder:
        return TextEncoder(self._header.written if start == 0 else b"")

    def _additions(self, scored: Scored) -> pa.Array:
        """What follows each row's cells: its predictions and an empty error, or blanks and its
        error."""
        blanks = "," * self._header.added_width
        errors = {
            row: f"{blanks}{quoted(str(fault))}".encode() for row, fault in scored.faults.items()
        }
        predictions = pa.array([], BINARY)
        if scored.good:
            texts = csv_texts(scored.values, self._model.outputs, self._model.card)
            predictions = joined(b",", texts)
        return arranged(errors, predictions, scored.length)


def _first_record(text: Text) -> bytes:
    for block in blocks_of(text.stream(), Span(0, None), _ends_behind_bom):
        return block.body.data[: block.body.ends[0]]
    return b""


def _ends_behind_bom(data: bytes) -> Positions:
    bare = data.removeprefix(BOM.encode())
    return record_ends(bare) + len(data) - len(bare)
