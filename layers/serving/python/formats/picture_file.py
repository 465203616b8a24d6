"""Pictures, by themselves or in archives: a row for each, written as an object on a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

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
# To be decoded: a second or two of work. A picture by itself always may be.
BLOCK_PIXELS = 100_000_000

NAME = "name"


class Unpacked(NamedTuple):
    """A member with its content; `refusal` where there is a file that has none to give."""

    member: Member
    content: bytes
    refusal: UnusableMemberError | None


Files = Sequence[Unpacked]


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

    def blocks(self, span: Span) -> Iterator[Block[Files]]:
        # With its model comes the library that reads pictures.
        from serving.picture import pixels_to_decode  # noqa: PLC0415

        fitting = most_rows(self._model.columns)
        files: list[Unpacked] = []
        size = pixels = 0
        for file in map(_unpacked, self._archive.members(span.start, span.stop)):
            size += file.member.size
            pixels += (more := pixels_to_decode(file.content))
            is_full = size > BLOCK_BYTES or pixels > BLOCK_PIXELS or len(files) == fitting
            if files and is_full:
                yield _block(files)
                files, size, pixels = [], file.member.size, more
            files.append(file)
        if files:
            yield _block(files)

    def score(self, block: Block[Files]) -> ScoredBlock[bytes]:
        files = [file for file in block.body if file.member.unpack is not None]
        if not files:
            return ScoredBlock(b"", RowCounts(), ())
        rows = Rows(len(files), {self._column.name: [file.content for file in files]})
        scored = score_rows(rows, _faults(files, self._column), self._model)
        lines = b"".join(map(_line, self._objects(files, scored)))
        return ScoredBlock(lines, scored.counts, scored.errors)

    def encoder(self, start: int) -> TextEncoder:  # noqa: ARG002 - JSON lines have no header
        return TextEncoder(b"")

    def _objects(self, files: Files, scored: Scored) -> Iterator[dict[str, Any]]:
        predictions = iter(as_objects(scored.values))
        for row, file in enumerate(files):
            fault = scored.faults.get(row)
            values = next(predictions) if fault is None else {}
            yield {
                **dict.fromkeys(self._label, file.member.name),
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


def _block(files: Files) -> Block[Files]:
    return Block(files[0].member.start, files[-1].member.stop, files)


def _unpacked(member: Member) -> Unpacked:
    try:
        return Unpacked(member, member.unpack() if member.unpack else b"", None)
    except UnusableMemberError as error:
        return Unpacked(member, b"", error)


def _faults(files: Files, column: Column) -> dict[int, Fault]:
    return {
        row: Fault(row, column.name, file.refusal.expected, file.refusal.got)
        for row, file in enumerate(files)
        if file.refusal is not None
    }


def _line(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
