"""Pictures, by themselves or in archives: a row for each, written as an object on a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from formats.archive import Archive, Member, UnusableMemberError
from formats.block import Scored, most_rows, score_rows
from formats.errors import BadFileError
from formats.names import error_name, require_distinct
from formats.row_file import Block, RowCounts, ScoredBlock, Span
from formats.text_encoder import TextEncoder
from serving.errors import Fault
from serving.features import Column
from serving.feeds import Rows
from serving.lone_image import lone_image
from serving.model import Model
from serving.predictions import as_objects

# Of the files in a block, unpacked.
BLOCK_BYTES = 4 * 1024 * 1024
# A picture of a few bytes may take a second.
BLOCK_MEMBERS = 64

NAME = "name"

Members = Sequence[Member]


class PictureFile:
    """A member that cannot be scored is a bad row; folders and hidden files are none. Rows begin
    with the member's name where they are `named`. See RowFile."""

    def __init__(self, archive: Archive, model: Model, *, named: bool) -> None:
        self._archive = archive
        self._model = model
        self._label = [NAME] if named else []
        self._column = _image_column(model)
        prefix = model.card.output_prefix
        self._names = {output.name: f"{prefix}{output.name}" for output in model.outputs}
        self._error = error_name(model.card)
        require_distinct([*self._label, *self._names.values(), self._error])

    def spans(self, size_bytes: int) -> Iterator[Span]:
        start = 0
        for position in self._archive.starts():
            if position - start >= size_bytes:
                yield Span(start, position)
                start = position
        yield Span(start, None)

    def blocks(self, span: Span) -> Iterator[Block[Members]]:
        fitting = min(BLOCK_MEMBERS, most_rows(self._model.columns))
        members: list[Member] = []
        size = 0
        for member in self._archive.members(span.start, span.stop):
            if members and (size + member.size > BLOCK_BYTES or len(members) == fitting):
                yield _block(members)
                members, size = [], 0
            members.append(member)
            size += member.size
        if members:
            yield _block(members)

    def score(self, block: Block[Members]) -> ScoredBlock[bytes]:
        files = [member for member in block.body if member.unpack is not None]
        if not files:
            return ScoredBlock(b"", RowCounts(), ())
        cells, misshapen = _unpacked(files, self._column)
        rows = Rows(len(files), {self._column.name: cells})
        scored = score_rows(rows, misshapen, self._model)
        lines = b"".join(map(_line, self._objects(files, scored)))
        return ScoredBlock(lines, scored.counts, scored.errors)

    def encoder(self, start: int) -> TextEncoder:  # noqa: ARG002 - JSON lines have no header
        return TextEncoder(b"")

    def _objects(self, files: Members, scored: Scored) -> Iterator[dict[str, Any]]:
        predictions = iter(as_objects(scored.values))
        for row, file in enumerate(files):
            fault = scored.faults.get(row)
            values = next(predictions) if fault is None else {}
            yield {
                **dict.fromkeys(self._label, file.name),
                **{name: values.get(output) for output, name in self._names.items()},
                self._error: None if fault is None else str(fault),
            }


def _image_column(model: Model) -> Column:
    column = lone_image(model.columns)
    if column is None:
        names = ", ".join(column.name for column in model.columns)
        raise BadFileError(
            "expected rows as text or Parquet, got pictures, which are rows of models whose only "
            f"feature is an image; the features of this one are {names}"
        )
    return column


def _block(members: Members) -> Block[Members]:
    return Block(members[0].start, members[-1].stop, members)


def _unpacked(files: Members, column: Column) -> tuple[list[bytes], dict[int, Fault]]:
    """The content of each file, and what is wrong with those that have none to give."""
    cells, faults = [], {}
    for row, file in enumerate(files):
        content = b""
        try:
            content = file.unpack() if file.unpack else b""
        except UnusableMemberError as error:
            faults[row] = Fault(row, column.name, error.expected, error.got)
        cells.append(content)
    return cells, faults


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
