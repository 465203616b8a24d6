"""JSON lines: each object byte for byte as it came, extended before its last brace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa

from formats.block import Scored, most_rows, score_rows
from formats.errors import BadFileError
from formats.json_lines import JsonLines, NotJson, line_ends
from formats.names import error_name, require_distinct
from formats.predicted_texts import json_texts
from formats.row_file import Block, ScoredBlock, Span
from formats.source import Text
from formats.splice import BINARY, arranged, joined, spliced
from formats.text_blocks import Records, blocks_of, require_utf_8, spans_of
from formats.text_encoder import TextEncoder
from serving.coercion import ABSENT, Array, Cells, as_matrix
from serving.errors import Fault, shown
from serving.feeds import Rows
from serving.lines import BOM
from serving.model import Model

Object = dict[str, Any]


class JsonLinesFile:
    """Objects, one in each line; a line that is none becomes {"input": …, "error": …}. Blank lines
    are no rows and pass through. See RowFile."""

    def __init__(self, text: Text, model: Model) -> None:
        self._text = text
        self._model = model
        prefix = model.card.output_prefix
        self._names = {output.name: f"{prefix}{output.name}" for output in model.outputs}
        self._error = error_name(model.card)
        self._added = [*self._names.values(), self._error]
        require_distinct(self._added)

    def spans(self, size_bytes: int) -> Iterator[Span]:
        return spans_of(self.blocks(Span(0, None)), size_bytes)

    def blocks(self, span: Span) -> Iterator[Block[Records]]:
        most = most_rows(self._model.columns)
        return blocks_of(self._text.stream(span.start), span, line_ends, most)

    def score(self, block: Block[Records]) -> ScoredBlock[bytes]:
        require_utf_8(block)
        lines = JsonLines(block.body)
        scored = score_rows(self._rows(lines), _misshapen(lines), self._model)
        additions = self._additions(scored, lines)
        data = spliced(lines.data, lines.places(), additions, _rewritten(scored, lines))
        return ScoredBlock(data, scored.counts, scored.errors)

    def encoder(self, start: int) -> TextEncoder:  # noqa: ARG002 - JSON lines have no header
        return TextEncoder(b"")

    def _rows(self, lines: JsonLines) -> Rows:
        objects = [value if isinstance(value, dict) else {} for value in lines.values]
        self._require_free(objects)
        return Rows(len(objects), _Members(objects), self._matrix(objects))

    def _matrix(self, objects: Sequence[Object]) -> Array | None:
        """The cells as numbers, `[row, column]`; None unless all of them are there and are some."""
        columns = self._model.columns
        if len(columns) == 1 or not columns.fit_a_matrix:
            return None
        try:
            rows = [*map(itemgetter(*columns.names), objects)]
        except KeyError:
            return None
        return as_matrix(rows, len(columns))

    def _require_free(self, objects: Sequence[Object]) -> None:
        taken = [(row, name) for name in self._added for row, o in enumerate(objects) if name in o]
        for row, name in sorted(taken, key=itemgetter(0))[:1]:
            raise BadFileError(
                f"expected no member named {name!r}, which the prediction adds; rename it, or set "
                "batch.output_prefix in model.toml",
                row=row + 1,
            )

    def _additions(self, scored: Scored, lines: JsonLines) -> pa.Array:
        """What is put before each object's last brace; nothing where there is no object."""
        errors = {
            row: self._error_members(str(fault), lines.values[row])
            for row, fault in scored.faults.items()
        }
        predictions = pa.array([], BINARY)
        if scored.good:
            members = json_texts(scored.values, self._names)
            error = orjson.dumps(self._error) + b":null"
            predictions = joined(_commas(scored.good, lines), members, error)
        return arranged(errors, predictions, scored.length)

    def _error_members(self, error: str, value: object) -> bytes:
        if not isinstance(value, dict):
            return b""
        members = dict.fromkeys(self._added) | {self._error: error}
        return (b"," if value else b"") + orjson.dumps(members)[1:-1]


class _Members(dict[str, Cells]):
    """Cells by column, each column taken out of the objects when it is asked for."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._objects = objects

    def __missing__(self, name: str) -> Cells:
        cells = self[name] = [members.get(name, ABSENT) for members in self._objects]
        return cells


def _commas(rows: Sequence[int], lines: JsonLines) -> pa.Array | bytes:
    """What separates a row's own members from ours; nothing where it has none."""
    if all(lines.values):
        return b","
    return pa.array([b"," if lines.values[row] else b"" for row in rows], BINARY)


def _rewritten(scored: Scored, lines: JsonLines) -> dict[int, bytes]:
    return {
        row: _wrapped(lines.text(row), lines.values[row], str(fault))
        for row, fault in scored.faults.items()
        if not isinstance(lines.values[row], dict)
    }


def _misshapen(lines: JsonLines) -> dict[int, Fault]:
    return {
        row: Fault(row, None, "a JSON object", _described(value))
        for row, value in enumerate(lines.values)
        if not isinstance(value, dict)
    }


def _described(value: object) -> str:
    return "text that is not JSON" if isinstance(value, NotJson) else shown(value)


def _wrapped(text: str, value: object, error: str) -> bytes:
    bare = text.removeprefix(BOM)
    said = orjson.dumps(bare) if isinstance(value, NotJson) else bare.encode()
    return b'{"input":' + said + b',"error":' + orjson.dumps(error) + b"}"
